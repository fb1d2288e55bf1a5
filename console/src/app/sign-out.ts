// Ends the sign-in of this browser, and forgets everything that was loaded.
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";

import { api, take } from "../api/client";
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
    await navigate({ to: "/sign-in" });
    client.clear();
  };
}
