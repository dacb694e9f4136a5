"""The shape of a flow: which widgets can be reached, and which go round without waiting."""

from collections.abc import Iterable, Mapping


def reachable(links: Mapping[str, Iterable[str]], start: str) -> set[str]:
    """Return all widgets that some path from ``start`` enters, itself included."""
    found = {start} if start in links else set()
    pending = list(found)
    while pending:
        for target in links[pending.pop()]:
            if target in links and target not in found:
                found.add(target)
                pending.append(target)
    return found


def cycles(links: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """
    Return the groups of widgets that lead to each other, each in the order of ``links``.

    Tarjan's strongly connected components, written without recursion: flows are long chains.
    """
    order = {name: index for index, name in enumerate(links)}
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    groups: list[list[str]] = []
    for root in links:
        if root in number:
            continue
        work = [(root, iter([target for target in links[root] if target in links]))]
        number[root] = low[root] = len(number)
        stack.append(root)
        on_stack.add(root)
        while work:
            name, targets = work[-1]
            for target in targets:
                if target not in number:
                    number[target] = low[target] = len(number)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter([entry for entry in links[target] if entry in links])))
                    break
                if target in on_stack:
                    low[name] = min(low[name], number[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == number[name]:
                    group = []
                    while True:
                        member = stack.pop()
                        on_stack.discard(member)
                        group.append(member)
                        if member == name:
                            break
                    if len(group) > 1 or name in links[name]:
                        groups.append(sorted(group, key=order.__getitem__))
    return sorted(groups, key=lambda group: order[group[0]])
