import { describe, expect, it } from "vitest";

import type { JsonObject } from "../../api/types";
import { attributesOf, attributesText, rowProblems, rowsOf } from "./attributes";
import { calendarProblems, emptyCalendar, nextPeriod, periodsOf, weekText, withDay } from "./hours";
import { durationText, matchText, verdictCountText } from "./text";
import { configurationFrom, configurationOf, draftOf, draftProblems, emptyFilter, leavingAges, moved, withValues } from "./workflow";

describe("a workflow's draft", () => {
  const configuration: JsonObject = {
    note: "kept",
    task_routing: {
      other: 1,
      filters: [{ filter_friendly_name: "Gold", expression: "a == 1", extra: true, targets: [{ queue: "WQ1", timeout: 30, own: "kept" }, {}] }],
      default_filter: { queue: "WQ2" },
    },
  };

  it("gives back everything it was made of", () => {
    expect(configurationOf(draftOf(configuration))).toEqual(configuration);
  });

  it("reads the old form of a filter as one target", () => {
    const draft = draftOf({ task_routing: { filters: [{ expression: "a == 1", queue: "WQ1" }] } });

    expect(configurationOf(draft)).toEqual({ task_routing: { filters: [{ expression: "a == 1", targets: [{ queue: "WQ1" }] }] } });
  });

  it("names what is missing by the server's paths", () => {
    const draft = draftOf({ task_routing: { filters: [], default_filter: {} } });
    const filter = { ...emptyFilter(null), targets: [{ id: "x", value: { timeout: "soon" } }] };

    expect(Object.keys(draftProblems({ ...draft, filters: [filter] }))).toEqual([
      "task_routing.filters[0].expression",
      "task_routing.filters[0].targets[0].queue",
      "task_routing.filters[0].targets[0].timeout",
      "task_routing.default_filter.queue",
    ]);
  });

  it("adds the time-outs up, until a target has none", () => {
    const values: JsonObject[] = [{ timeout: 10 }, { timeout: "20" }, {}, { timeout: 5 }];
    const targets = values.map((value, index) => ({ id: String(index), value }));

    expect(leavingAges(targets)).toEqual([10, 30, null, null]);
  });

  it("takes emptied properties away, and moves nothing outside the list", () => {
    expect(withValues({ a: 1, b: 2 }, { a: "", c: 3 })).toEqual({ b: 2, c: 3 });
    expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
    expect(moved(["a", "b"], 1, 2)).toEqual(["a", "b"]);
  });

  it("says why a text is no configuration", () => {
    expect(configurationFrom("{")).toMatchObject({ error: expect.stringContaining("not valid JSON") as string });
    expect(configurationFrom("[]")).toEqual({ error: "A configuration is a JSON object." });
    expect(configurationFrom("{}")).toEqual({ error: "The configuration has no object “task_routing”." });
  });
});

describe("attributes", () => {
  it("go through rows unchanged", () => {
    const attributes = { skills: ["a", "b"], level: 3, remote: true, name: "x", deep: { a: [1] }, mixed: [1, "a"], none: null };

    expect(attributesOf(rowsOf(attributes))).toEqual(attributes);
    expect(rowProblems(rowsOf(attributes))).toEqual({});
  });

  it("are refused without a name, twice, or with a value of another kind", () => {
    const [row] = rowsOf({ a: 1 });
    const rows = [row!, { ...row!, id: 1 }, { ...row!, id: 2, key: "" }, { ...row!, id: 3, key: "b", text: "x" }, { ...row!, id: 4, key: "c", kind: "json" as const, text: "{" }];

    expect(rowProblems(rows)).toEqual({ 1: "There is another “a”.", 2: "Give the attribute a name.", 3: "This is not a number.", 4: "This is not valid JSON." });
  });

  it("read as one line", () => {
    expect(attributesText({ skills: ["a", "b"], level: 3 })).toBe("skills: a, b · level: 3");
  });
});

describe("opening hours", () => {
  it("tell neighbouring days together", () => {
    const { weekly } = emptyCalendar("Europe/Berlin");

    expect(weekText(withDay(weekly, 5, [{ from: "10:00", to: "14:00" }]))).toBe("Mon–Fri 09:00–17:00 · Sat 10:00–14:00");
    expect(weekText([])).toBe("Never open");
    expect(periodsOf(weekly, 6)).toEqual([]);
  });

  it("offer a second period after the first, inside the day", () => {
    expect(nextPeriod([{ from: "09:00", to: "12:00" }])).toEqual({ from: "13:00", to: "15:00" });
    expect(nextPeriod([{ from: "09:00", to: "23:30" }])).toEqual({ from: "23:00", to: "24:00" });
  });

  it("are refused when periods overlap, end before they start, or the name cannot be written in an expression", () => {
    const draft = emptyCalendar("Europe/Berlin");
    const weekly = withDay(withDay(draft.weekly, 0, [{ from: "09:00", to: "12:00" }, { from: "11:00", to: "13:00" }]), 1, [{ from: "22:00", to: "06:00" }]);

    expect(Object.keys(calendarProblems({ ...draft, name: "my-hours", weekly, dates: [{ date: "", name: "", periods: [] }] }))).toEqual(["name", "day0", "day1", "date0"]);
    expect(calendarProblems({ ...draft, name: "support" })).toEqual({});
  });
});

describe("words", () => {
  it.each([[null, "–"], [0, "0 s"], [45, "45 s"], [200, "3 min 20 s"], [7_500, "2 h 5 min"], [86_400, "1 d"]])("%s seconds read as %s", (seconds, text) => {
    expect(durationText(seconds)).toBe(text);
  });

  it("count agents by why they did not get a task", () => {
    expect(verdictCountText("activity", 1)).toBe("1 agent is not available at the moment");
    expect(verdictCountText("capacity", 3)).toBe("3 agents have no room for another task on this channel");
  });

  it("say what an expression matches", () => {
    expect(matchText({ workers: 2, tasks: null, tasks_seen: 0 })).toBe("Matches 2 workers");
    expect(matchText({ workers: 1, tasks: 7, tasks_seen: 100 })).toBe("Matches 1 worker and 7 of the last 100 tasks");
    expect(matchText({ workers: null, tasks: 0, tasks_seen: 0 })).toBe("No task has been seen yet");
  });
});
