// What pressing an action does: the request, the answer into the cache at once, the gateway's sentence if it refuses.
import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useNavigate, useRouterState } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import { linkQuery, pinQuery } from "../../api/queries";
import type { Rights, Session } from "../../api/types";
import { applyAnswer, applySessionGone } from "../../live/apply";
import { journal } from "../../live/journal";
import { noticeDone, noticeError } from "../../parts/notices";
import { openInvite } from "../invite/open-invite";

/** All that an action must know of its session. */
export type Named = Pick<Session, "id" | "name">;

const at = (session: Named) => ({ params: { path: { id: session.id } } });

export function useSessionActions(session: Named) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const here = useRouterState({ select: (state) => state.location.pathname });

  const run = async (request: Promise<unknown>): Promise<boolean> => {
    const asked = journal.now();
    try {
      keepAnswer(client, await request, asked);
      return true;
    } catch (error) {
      noticeError(error);
      return false;
    }
  };

  const post = (action: "withdraw" | "take" | "release" | "close") => () => run(take(api.POST(`/api/v1/sessions/{id}/${action}`, at(session))));

  const remove = async () => {
    if (!(await run(take(api.DELETE("/api/v1/sessions/{id}", at(session)))))) return;
    if (here.includes(session.id)) await navigate({ to: "/" });
    applySessionGone(client, session.id);
    noticeDone(t("done.deleted", { name: session.name }));
  };

  const newPin = async () => {
    try {
      const pin = await take(api.POST("/api/v1/sessions/{id}/pin", at(session)));
      client.setQueryData(pinQuery(session.id).queryKey, pin);
      openInvite(t("invite.title", { name: session.name }), session.id);
    } catch (error) {
      noticeError(error);
    }
  };

  const copyLink = async () => {
    try {
      const { link } = await client.ensureQueryData(linkQuery(session.id));
      await navigator.clipboard.writeText(link);
      noticeDone(t("done.linkCopied"));
    } catch {
      // No clipboard here: show the link, so that it can be copied by hand.
      openInvite(t("invite.title", { name: session.name }), session.id);
    }
  };

  return {
    /** Without rights the channel's default is asked for. */
    ask: (rights?: Rights) => run(take(api.POST("/api/v1/sessions/{id}/ask", { ...at(session), body: { rights } }))),
    withdraw: post("withdraw"),
    take: post("take"),
    release: () => confirm({ title: t("confirm.release"), text: t("confirm.releaseText"), yes: t("actions.release"), no: t("common.cancel") }, post("release")),
    close: () => confirm({ title: t("confirm.close", { name: session.name }), text: t("confirm.closeText"), yes: t("actions.close"), no: t("common.cancel") }, post("close")),
    remove: () => confirm({ title: t("confirm.delete", { name: session.name }), text: t("confirm.deleteText"), yes: t("actions.delete"), no: t("common.cancel"), danger: true }, remove),
    extend: (seconds: number) => run(take(api.POST("/api/v1/sessions/{id}/extend", { ...at(session), body: { seconds } }))),
    edit: (change: { name?: string; note?: string }) => {
      const asked = journal.now();
      return take(api.PATCH("/api/v1/sessions/{id}", { ...at(session), body: change })).then((answer) => keepAnswer(client, answer, asked));
    },
    assign: (technician_id: string) => run(take(api.POST("/api/v1/sessions/{id}/assign", { ...at(session), body: { technician_id } }))),
    transferUser: (technician_id: string) => run(take(api.POST("/api/v1/sessions/{id}/transfer-user", { ...at(session), body: { technician_id } }))),
    invite: (technician_id: string) => run(take(api.POST("/api/v1/sessions/{id}/invite", { ...at(session), body: { technician_id } }))),
    transferChannel: (channel_id: string) => run(take(api.POST("/api/v1/sessions/{id}/transfer-channel", { ...at(session), body: { channel_id } }))),
    removeTechnician: (technician_id: string) => run(take(api.DELETE("/api/v1/sessions/{id}/technicians/{technician_id}", { params: { path: { id: session.id, technician_id } } }))),
    showInvite: () => openInvite(t("invite.title", { name: session.name }), session.id),
    newPin,
    copyLink,
  };
}

// Most actions answer with the session as it is now; the live stream says the same a moment later.
function keepAnswer(client: QueryClient, answer: unknown, asked: number) {
  if (answer && typeof answer === "object" && "sub_state" in answer) applyAnswer(client, answer as Session, asked);
}

interface Question {
  title: string;
  text: string;
  yes: string;
  no: string;
  danger?: boolean;
}

function confirm({ title, text, yes, no, danger = false }: Question, onConfirm: () => unknown) {
  modals.openConfirmModal({
    title,
    children: <Text size="sm">{text}</Text>,
    labels: { confirm: yes, cancel: no },
    confirmProps: { ...(danger && { color: "brick" }), ...{ "data-testid": "confirm" } },
    cancelProps: { "data-autofocus": true },
    closeButtonProps: { "aria-label": no },
    onConfirm: () => void onConfirm(),
  });
}
