import type { ReactNode } from "react";

type Props = { label: string; className?: string; children: ReactNode };

/** A table that may be wider than its place, without a control inside: Tab itself reaches it, so that keys scroll it. */
export function TableScroll({ label, className = "card table-scroll", children }: Props) {
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a scroller without controls is reached by Tab itself
    <div className={className} role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
