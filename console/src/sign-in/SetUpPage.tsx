// The one-time set-up link of a new technician: shows whose account it is, takes a password, signs in.
import { Button, Loader, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { ApiError } from "../api/errors";
import { meQuery } from "../api/queries";
import { NewPasswordForm } from "../account/NewPasswordForm";
import { Failed } from "../parts/Failed";
import { Card } from "./Card";

export function SetUpPage() {
  const { t } = useTranslation();
  const { token } = useParams({ from: "/setup/$token" });
  const params = { path: { token } };
  const client = useQueryClient();
  const navigate = useNavigate();
  const info = useQuery({ queryKey: ["setup", token], queryFn: () => take(api.GET("/api/v1/setup/{token}", { params })), retry: false });
  const setUp = useMutation({
    mutationFn: (password: string) => take(api.POST("/api/v1/setup/{token}", { params, body: { password } })),
    onSuccess: (me) => {
      client.setQueryData(meQuery.queryKey, me);
      void navigate({ to: "/", replace: true });
    },
  });

  if (info.error instanceof ApiError && info.error.status >= 400 && info.error.status < 500) {
    return (
      <Card title={t("setUp.gone")} text={t("setUp.goneText")}>
        <Button component={Link} to="/sign-in" variant="default" fullWidth>
          {t("signIn.title")}
        </Button>
      </Card>
    );
  }
  if (info.isError) return <Card title={t("setUp.title")}><Failed error={info.error} retry={() => void info.refetch()} /></Card>;
  if (!info.data) return <Card title={t("setUp.title")}><Loader aria-label={t("common.loading")} /></Card>;
  return (
    <Card title={t("setUp.welcome", { name: info.data.name })} text={t("setUp.text", { organisation: info.data.organisation })}>
      <NewPasswordForm
        submit={t("setUp.submit")}
        busy={setUp.isPending}
        error={setUp.error}
        send={(password) => setUp.mutate(password)}
        first={<TextInput label={t("signIn.email")} value={info.data.email} readOnly autoComplete="username" name="email" />}
      />
    </Card>
  );
}
