/** What the API calls the fields of routing's forms, and what the forms call them (core/refusals.ts). */
import type { Names } from "../core/refusals";

export const NAMES: Names = {
  FriendlyName: "Name",
  friendly_name: "Name",
  TargetWorkers: "Workers of this queue",
  target_workers: "Workers of this queue",
  MaxReservedWorkers: "Workers asked at once",
  max_reserved_workers: "Workers asked at once",
  task_order: "Which task goes first",
  TaskReservationTimeout: "An offer lasts (seconds)",
  task_reservation_timeout: "An offer lasts (seconds)",
  Configuration: "Rules",
  configuration: "Rules",
  UniqueName: "Unique name",
  unique_name: "Unique name",
  capacity: "Capacity",
  default_capacity: "Capacity of new workers",
  capacity_units: "Shared capacity",
  units: "Units",
  Attributes: "Attributes",
  attributes: "Attributes",
  activity_sid: "Activity",
  assignment_callback_url: "Assignment callback",
  AssignmentCallbackUrl: "Assignment callback",
  fallback_assignment_callback_url: "Fallback callback",
  FallbackAssignmentCallbackUrl: "Fallback callback",
  service_level_seconds: "Served in time means within (seconds)",
};

export const CALENDAR_NAMES: Names = {
  name: "Name", time_zone: "Time zone", week: "Week", country: "Closed on holidays of", subdivision: "Region", dates: "Own dates", date: "Date", periods: "Hours",
};

export const POLICY_NAMES: Names = {
  mode: "Wrap-up", seconds: "Seconds", extension_seconds: "May be extended once by", dispositions: "Dispositions", with_general: "Also offer the general ones",
  needs_disposition: "One must be chosen", fields: "Further fields", auto_accept: "The server accepts offers for agents",
};
