// Who is signed in here, and what their role allows everywhere. What is allowed in one session or channel, these say themselves.
import { useQuery } from "@tanstack/react-query";

import { meQuery } from "../api/queries";

export const useMe = () => useQuery(meQuery).data;

export function useMay(permission: string): boolean {
  return useMe()?.permissions.includes(permission) ?? false;
}
