// To whom or where: the choice that assign, invite and transfer need.
import { Button, Group, Modal, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { channelsQuery, peopleQuery } from "../../api/queries";
import type { Session } from "../../api/types";
import { useSessionActions } from "./use-session-actions";

export type Destination = "assign" | "invite" | "transfer_user" | "transfer_channel";

interface DestinationDialogProps {
  session: Session;
  destination: Destination;
  close: () => void;
}

export function DestinationDialog({ session, destination, close }: DestinationDialogProps) {
  const { t } = useTranslation();
  const actions = useSessionActions(session);
  const choices = useChoices(session, destination);
  const [chosen, setChosen] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const send = {
    assign: actions.assign,
    invite: actions.invite,
    transfer_user: actions.transferUser,
    transfer_channel: actions.transferChannel,
  }[destination];
  const go = async () => {
    if (!chosen) return;
    setBusy(true);
    const done = await send(chosen);
    setBusy(false);
    if (done) close();
  };
  return (
    <Modal opened onClose={close} title={t(`actions.${destination}`)} closeButtonProps={{ "aria-label": t("common.close") }}>
      <Stack>
        <Text size="sm" c="dimmed">
          {t(`destination.${destination}`)}
        </Text>
        <Select
          data-autofocus
          searchable
          label={destination === "transfer_channel" ? t("sessions.channel") : t("destination.technician")}
          nothingFoundMessage={t("palette.nothing")}
          data={choices}
          value={chosen}
          onChange={setChosen}
          data-testid="destination"
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("common.cancel")}
          </Button>
          <Button disabled={!chosen} loading={busy} onClick={() => void go()} data-testid="confirm">
            {t(`actions.${destination}`)}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function useChoices(session: Session, destination: Destination) {
  const people = useQuery({ ...peopleQuery, enabled: destination !== "transfer_channel" }).data ?? [];
  const channels = useQuery(channelsQuery).data ?? [];
  if (destination === "transfer_channel") {
    return channels.filter((one) => one.id !== session.channel.id && one.kind !== "private").map((one) => ({ value: one.id, label: one.name }));
  }
  const here = new Set(session.technicians.map((one) => one.id));
  return people.filter((one) => !here.has(one.id)).map((one) => ({ value: one.id, label: one.name }));
}
