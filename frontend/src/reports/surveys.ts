/** Shapes of `/app/v1/reports/surveys`, from docs/contracts.md §6 "Reports". */

export const SURVEYS = ["reports", "surveys"];

export type Words = { question?: string; thanks?: string };

export type Rule = {
  sid: string;
  channel_type: string;
  queue_sid: string | null;
  enabled: boolean;
  mode: "built_in" | "flow";
  flow_sid: string | null;
  delay_seconds: number;
  expiry_seconds: number;
  /** By language; "" are the words for all others. */
  texts: Record<string, Words>;
};

export type Surveys = {
  rules: Rule[];
  surveys: {
    sid: string;
    conversation_sid: string;
    channel: string;
    status: string;
    note: string;
    rating: number | null;
    comment: string;
    date_ended: string;
    date_answered: string | null;
  }[];
  defaults: { question: string; thanks: string };
};
