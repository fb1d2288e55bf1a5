// Puts the gateway's sentence at the field it is about; what belongs to no field becomes a notice.
import { useEffect } from "react";

import { ApiError } from "../api/errors";
import { noticeError, sentence } from "./notices";

export function useFieldErrors(error: unknown, fields: readonly string[]) {
  const field = error instanceof ApiError && error.field && fields.includes(error.field) ? error.field : null;
  useEffect(() => {
    if (error && !field) noticeError(error);
  }, [error, field]);
  return { errorOf: (name: string) => (name === field ? sentence(error) : undefined) };
}
