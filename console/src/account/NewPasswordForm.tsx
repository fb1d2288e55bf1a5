// A new password, typed twice: for a first set-up and for a change.
import { Button, PasswordInput, Stack } from "@mantine/core";
import { useState, type FormEvent, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { useFieldErrors } from "../parts/field-errors";

export const PASSWORD_MIN = 10;
const PASSWORD_MAX = 256;

interface NewPasswordFormProps {
  submit: string;
  busy: boolean;
  error: unknown;
  send: (password: string) => void;
  /** Fields before the password. */
  first?: ReactNode;
}

export function NewPasswordForm({ submit, busy, error, send, first }: NewPasswordFormProps) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const { errorOf } = useFieldErrors(error, ["password", "new"]);
  const short = password.length < PASSWORD_MIN;
  const different = password !== again;

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!short && !different) send(password);
  };
  const shared = { autoComplete: "new-password", maxLength: PASSWORD_MAX, visibilityToggleButtonProps: { "aria-label": t("signIn.show") } };
  return (
    <form onSubmit={onSubmit}>
      <Stack gap="sm">
        {first}
        <PasswordInput
          {...shared}
          label={t("password.new")}
          description={t("password.hint", { min: PASSWORD_MIN })}
          value={password}
          error={(tried && short && t("password.short", { min: PASSWORD_MIN })) || errorOf("password") || errorOf("new")}
          onChange={(event) => setPassword(event.currentTarget.value)}
          data-testid="new-password"
        />
        <PasswordInput
          {...shared}
          label={t("password.again")}
          value={again}
          error={tried && !short && different && t("password.different")}
          onChange={(event) => setAgain(event.currentTarget.value)}
          data-testid="new-password-again"
        />
        <Button type="submit" mt="xs" loading={busy} data-testid="new-password-submit">
          {submit}
        </Button>
      </Stack>
    </form>
  );
}
