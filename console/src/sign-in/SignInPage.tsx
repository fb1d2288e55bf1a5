// Signing in with e-mail and password, then on to where somebody wanted to go.
import { Alert, Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter, useSearch } from "@tanstack/react-router";
import type { FormEvent } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { meQuery } from "../api/queries";
import { useDraft } from "../parts/draft";
import { sentence } from "../parts/notices";
import { Card } from "./Card";

export function SignInPage() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const router = useRouter();
  const { to, ended } = useSearch({ from: "/sign-in" });
  const email = useDraft("sign-in-email", "");
  const signIn = useMutation({
    mutationFn: (body: { email: string; password: string }) => take(api.POST("/api/v1/auth/sign-in", { body })),
    onSuccess: (me) => {
      email.discard();
      client.setQueryData(meQuery.queryKey, me);
      void router.navigate({ href: to ?? "/", replace: true });
    },
  });

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // The browser's password store may fill the fields without telling React: read the form itself.
    const form = new FormData(event.currentTarget);
    signIn.mutate({ email: String(form.get("email")).trim(), password: String(form.get("password")) });
  };
  return (
    <Card title={t("signIn.title")} {...(ended && { text: t("signIn.ended") })}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput
            name="email"
            type="email"
            autoComplete="username"
            autoFocus
            required
            withAsterisk={false}
            label={t("signIn.email")}
            value={email.value}
            onChange={(event) => email.write(event.currentTarget.value)}
            data-testid="sign-in-email"
          />
          <PasswordInput name="password" autoComplete="current-password" required withAsterisk={false} label={t("signIn.password")} visibilityToggleButtonProps={{ "aria-label": t("signIn.show") }} data-testid="sign-in-password" />
          {signIn.isError && (
            <Alert color="brick" role="alert" py="xs">
              {sentence(signIn.error)}
            </Alert>
          )}
          <Button type="submit" mt="xs" fullWidth loading={signIn.isPending} data-testid="sign-in-submit">
            {t("signIn.submit")}
          </Button>
        </Stack>
      </form>
    </Card>
  );
}
