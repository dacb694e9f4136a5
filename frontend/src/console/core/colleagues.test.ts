import { describe, expect, it } from "vitest";

import { colleagueOf, hearColleague, listed, namesOf, type Colleague } from "./colleagues";

const said = (name: string, does: string, at = 0) => colleagueOf({ user_sid: `US${name}`, name, does }, at)!;
const ben: Colleague = { userSid: "USBen", name: "Ben", does: "writing", at: 0 };
const ann: Colleague = { userSid: "USAnn", name: "Ann", does: "looking", at: 0 };

describe("colleagues of a conversation", () => {
  it("are those who say that they are here, the newest word of each", () => {
    const known = [said("Ben", "looking"), said("Ann", "looking"), said("Ben", "writing", 5)].reduce(hearColleague, [] as readonly Colleague[]);

    expect(known).toEqual([ann, { ...ben, at: 5 }]);
  });

  it("are gone when they say so", () => {
    const known = [ann, ben];

    expect(hearColleague(known, said("Ben", "gone"))).toEqual([ann]);
    expect(hearColleague(known, said("Cid", "gone"))).toBe(known);
  });

  it("write for seconds, and are here for longer, without a word", () => {
    expect(namesOf([ann, ben], 6_000)).toEqual({ writing: ["Ben"], here: ["Ann", "Ben"] });
    expect(namesOf([ann, ben], 8_000)).toEqual({ writing: [], here: ["Ann", "Ben"] });
    expect(namesOf([ann, ben], 40_000)).toEqual({ writing: [], here: [] });
  });

  it("are not made of what is no such word", () => {
    expect(colleagueOf({ user_sid: "US1", name: "Ben", does: "sleeping" }, 0)).toBeNull();
    expect(colleagueOf({ name: "Ben", does: "looking" }, 0)).toBeNull();
  });

  it("are listed as people say it", () => {
    expect([listed([]), listed(["Ann"]), listed(["Ann", "Ben"]), listed(["Ann", "Ben", "Cid"])]).toEqual(["", "Ann", "Ann and Ben", "Ann, Ben and Cid"]);
  });
});
