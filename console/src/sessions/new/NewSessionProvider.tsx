// The New session dialog, reachable from everywhere: first the form, then what to give to the end user.
import { Modal } from "@mantine/core";
import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Session } from "../../api/types";
import { CreatedSession } from "./CreatedSession";
import { NewSessionForm } from "./NewSessionForm";

interface NewSession {
  /** Opens the dialog, with the channel already chosen if one is given. */
  open: (channelId?: string) => void;
}

type Dialog = { step: "closed" } | { step: "form"; channelId?: string } | { step: "created"; session: Session };

const NewSessionContext = createContext<NewSession>({ open: () => {} });

export const useNewSession = () => useContext(NewSessionContext);

export function NewSessionProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [dialog, setDialog] = useState<Dialog>({ step: "closed" });
  const close = useCallback(() => setDialog({ step: "closed" }), []);
  const newSession = useMemo<NewSession>(() => ({ open: (channelId) => setDialog({ step: "form", channelId }) }), []);
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
