// What may be done to a technician's account, with the questions that come before.
import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { api, take } from "../api/client";
import { techniciansQuery } from "../api/queries";
import type { Technician } from "../api/types";
import { applyTechnician } from "../live/apply";
import { noticeDone, noticeError } from "../parts/notices";
import { SetUpLink } from "./SetUpLink";

export function useTechnicianActions(technician: Technician) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const at = { params: { path: { id: technician.id } } };
  const named = { name: technician.name };

  const newSetUpLink = async () => {
    try {
      const { setup_link } = await take(api.POST("/api/v1/technicians/{id}/setup-link", at));
      modals.open({ title: t("technicians.linkFor", named), size: 520, children: <SetUpLink name={technician.name} link={setup_link} />, closeButtonProps: { "aria-label": t("common.close") } });
    } catch (error) {
      noticeError(error);
    }
  };

  const setDisabled = async (disabled: boolean) => {
    try {
      applyTechnician(client, await take(api.PATCH("/api/v1/technicians/{id}", { ...at, body: { disabled } })));
    } catch (error) {
      noticeError(error);
    }
  };

  const deleteNow = async () => {
    try {
      await take(api.DELETE("/api/v1/technicians/{id}", at));
      client.setQueryData(techniciansQuery.queryKey, (old) => old?.filter((one) => one.id !== technician.id));
      noticeDone(t("done.deleted", named));
    } catch (error) {
      noticeError(error);
    }
  };

  const question = (title: string, text: string, yes: string, onConfirm: () => void) =>
    modals.openConfirmModal({
      title,
      children: <Text size="sm">{text}</Text>,
      labels: { confirm: yes, cancel: t("common.cancel") },
      confirmProps: { color: "brick", ...{ "data-testid": "confirm" } },
      closeButtonProps: { "aria-label": t("common.close") },
      onConfirm,
    });

  return {
    newSetUpLink,
    setDisabled,
    disable: () => question(t("confirm.disable", named), t("confirm.disableText"), t("technicians.disable"), () => void setDisabled(true)),
    remove: () => question(t("confirm.delete", named), t("confirm.deleteTechnician"), t("actions.delete"), () => void deleteNow()),
  };
}
