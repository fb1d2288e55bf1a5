// The New session dialog, reachable from everywhere: first the form, then what to give to the end user.
import { Modal } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useRouter, useRouterState } from "@tanstack/react-router";
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import { channelsQuery } from "../../api/queries";
import type { Session } from "../../api/types";
import { CreatedSession } from "./CreatedSession";
import { NewSessionForm } from "./NewSessionForm";

interface NewSession {
  /** Opens the dialog for the given channel, else for the one on screen. */
  open: (channelId?: string) => void;
}

type Dialog = { step: "closed" } | { step: "form"; channelId?: string } | { step: "created"; session: Session };

const NewSessionContext = createContext<NewSession>({ open: () => {} });

export const useNewSession = () => useContext(NewSessionContext);

export function NewSessionProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<Dialog>({ step: "closed" });
  const close = useCallback(() => setDialog({ step: "closed" }), []);
  const router = useRouter();
  // Whoever connects from here goes to the picture, which must not lie behind the dialog.
  useEffect(
    () => router.subscribe("onResolved", ({ pathChanged }) => pathChanged && setDialog((shown) => (shown.step === "created" ? { step: "closed" } : shown))),
    [router],
  );
  const here = useChannelHere();
  const newSession = useMemo<NewSession>(() => ({ open: (channelId) => setDialog({ step: "form", channelId: channelId ?? here }) }), [here]);
  return (
    <NewSessionContext value={newSession}>
      {children}
      <Modal
        opened={dialog.step !== "closed"}
        onClose={close}
        size={540}
        title={dialog.step === "created" ? t("created.title", { name: dialog.session.name }) : t("sessions.new")}
        closeButtonProps={{ "aria-label": t("common.close") }}
      >
        {dialog.step === "form" && <NewSessionForm channelId={dialog.channelId} created={(session) => setDialog({ step: "created", session })} />}
        {dialog.step === "created" && <CreatedSession session={dialog.session} close={close} />}
      </Modal>
    </NewSessionContext>
  );
}

/** The channel whose sessions are on screen, if it is one. */
function useChannelHere(): string | undefined {
  const client = useQueryClient();
  const path = useRouterState({ select: (state) => state.location.pathname });
  if (path === "/private") return client.getQueryData(channelsQuery.queryKey)?.find((one) => one.kind === "private")?.id;
  return /^\/channels\/(\d+)$/.exec(path)?.[1];
}
