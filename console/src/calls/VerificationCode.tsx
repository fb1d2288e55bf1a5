// While I ask, where the channel wants it: the code by which the end user knows that it is me.
import { useTranslation } from "react-i18next";

import type { Session } from "../api/types";
import { useMe } from "../app/me";
import classes from "./CallsPage.module.css";

export function VerificationCode({ session }: { session: Session }) {
  const { t } = useTranslation();
  const me = useMe();
  const asked = session.technicians.find((one) => one.id === me?.id)?.verification;
  if (!asked) return null;
  return (
    <div className={classes.verify} role="status" data-testid="verification-code">
      <span className={classes.verifyCode} aria-label={asked.code.split("").join(" ")}>
        {asked.code}
      </span>
      <span>{asked.mode === "type" ? t("request.verifyType") : t("request.verifyCompare")}</span>
    </div>
  );
}
