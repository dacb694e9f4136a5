import { describe, expect, it } from "vitest";

import { inFormsWords } from "./refusals";

const NAMES = { content_sid: "The provider’s name of it", warn_after: "Yellow after", late_after: "Red after", ApiBaseUrl: "Other API address", url: "Address", texts: "Words", question: "Question", queues: "", WQ1: "Sales" };

describe("a refusal in the form's words", () => {
  it.each([
    ["Missing required parameter content_sid in the post body", "“The provider’s name of it” is missing"],
    ["Missing required parameter colour in the post body", "colour is missing"],
    ["warn_after must come before late_after", "“Yellow after” must come before “Red after”"],
    ["url must be a web address", "“Address” must be a web address"],
    ["ApiBaseUrl: the address is malformed", "“Other API address”: the address is malformed"],
    ["texts.de.question must be a text", "“Words, de, Question” must be a text"],
    ["texts..question must be a text", "“Words, Question” must be a text"],
    ["queues.WQ1.warn_after is in percent", "“Sales, Yellow after” is in percent"],
    // What only looks like a name in the middle of a sentence is a word, and what nobody knows stays.
    ["A web url may be long", "A web url may be long"],
    ["There is no setting wrap_up", "There is no setting wrap_up"],
  ])("%s", (said, expected) => {
    expect(inFormsWords(said, NAMES)).toBe(expected);
  });
});
