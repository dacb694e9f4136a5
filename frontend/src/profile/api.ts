/** The calls about one's own user (docs/contracts.md §6). */
import { api } from "../api/client";
import type { Role } from "../api/types";

export type Profile = {
  sid: string;
  username: string;
  name: string;
  email: string;
  role: Role;
  has_password: boolean;
  second_factor: { on: boolean; demanded: boolean; recovery_codes_left: number };
};

export type Enrolment = { secret: string; uri: string; qr_svg: string };

export const readProfile = () => api.get<Profile>("profile");
export const changePassword = (current: string, password: string) => api.put("profile/password", { current, password });
export const beginSecondFactor = () => api.post<Enrolment>("profile/second-factor", {});
export const confirmSecondFactor = (code: string) => api.put<{ recovery_codes: string[] }>("profile/second-factor", { code });
export const endSecondFactor = (code: string) => api.delete("profile/second-factor", { body: { code } });
export const renewRecoveryCodes = (code: string) => api.post<{ recovery_codes: string[] }>("profile/recovery-codes", { code });
