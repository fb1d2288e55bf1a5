// Ends the sign-in of this browser, and forgets everything that was loaded.
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { api, take } from "../api/client";
import { meQuery } from "../api/queries";
import { noticeError } from "../parts/notices";

export function useSignOut() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    try {
      await take(api.POST("/api/v1/auth/sign-out"));
    } catch (error) {
      return noticeError(error);
    }
    sessionStorage.clear();
    // Whatever is refused from here on is no news: this was meant.
    client.removeQueries({ queryKey: meQuery.queryKey });
    await navigate({ to: "/sign-in", ignoreBlocker: true });
    client.clear();
  };
}
