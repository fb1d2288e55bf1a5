// One session: what happens next, what the technician should know before connecting, and what has happened.
import { Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { IconArrowLeft } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

import { channelsQuery, sessionQuery } from "../../api/queries";
import { ApiError } from "../../api/errors";
import type { Session } from "../../api/types";
import { RequestPanel } from "../../calls/RequestPanel";
import { VerificationCode } from "../../calls/VerificationCode";
import { ChannelLink } from "../../channels/ChannelLink";
import { NotFoundPage } from "../../frame/FailurePage";
import { Failed } from "../../parts/Failed";
import { Page, Panel } from "../../parts/Page";
import { SessionActions } from "../actions/SessionActions";
import { InvitePanel } from "../invite/InvitePanel";
import { StatusBadge, SubState } from "../StatusBadge";
import { ChatPanel, WhisperPanel } from "../../talk/ChatPanels";
import { DevicePanel } from "./DevicePanel";
import { EarlierPanel } from "./EarlierPanel";
import { FactsPanel } from "./FactsPanel";
import { HistoryPanel } from "./HistoryPanel";
import { NextStep } from "./NextStep";
import { NotesPanel } from "./NotesPanel";
import { RatingPanel } from "./Stars";
import { NotePanel } from "./NotePanel";
import classes from "./SessionDetailsPage.module.css";
import { SessionTitle } from "./SessionTitle";

export function SessionDetailsPage() {
  const { t } = useTranslation();
  const { id } = useParams({ from: "/signed-in/frame/sessions/$id" });
  const session = useQuery(sessionQuery(id));
  if (session.isPending) return <Page title={"\u00a0"}><Loader aria-label={t("common.loading")} /></Page>;
  if (session.error instanceof ApiError && session.error.status === 404) return <NotFoundPage />;
  if (!session.data) return <Failed error={session.error} retry={() => void session.refetch()} />;
  return <Details key={id} session={session.data} />;
}

function Details({ session }: { session: Session }) {
  const { t } = useTranslation();
  // While nobody is there, inviting is what comes next; later it only takes room.
  const away = session.sub_state.agent === "away";
  const invite = (session.actions.includes("copy_link") || session.actions.includes("show_pin")) && (
    <Panel title={t("details.invite")}>
      <InvitePanel sessionId={session.id} qr={away} />
    </Panel>
  );
  return (
    <Page
      title={session.name}
      subtitle={<BackToChannel session={session} />}
      aside={
        <span className={classes.state} role="status">
          <StatusBadge status={session.status} />
          <SubState session={session} />
        </span>
      }
      actions={<SessionActions session={session} />}
    >
      <NextStep session={session} />
      <VerificationCode session={session} />
      <div className={classes.columns}>
        <div className={classes.column}>
          <RequestPanel session={session} />
          {away && invite}
          <ChatPanel session={session} />
          <DevicePanel device={session.device} />
          <HistoryPanel sessionId={session.id} />
        </div>
        <div className={classes.column}>
          <Panel title={t("details.what")}>
            <SessionTitle session={session} />
            <NotePanel session={session} />
          </Panel>
          {session.rating && <RatingPanel rating={session.rating} />}
          <FactsPanel session={session} />
          <NotesPanel session={session} />
          <WhisperPanel session={session} />
          <EarlierPanel session={session} />
          {!away && invite}
        </div>
      </div>
    </Page>
  );
}

function BackToChannel({ session }: { session: Session }) {
  const channels = useQuery(channelsQuery).data ?? [];
  const isPrivate = channels.find((one) => one.id === session.channel.id)?.kind === "private";
  return <ChannelLink channel={session.channel} isPrivate={isPrivate} className={classes.back} before={<IconArrowLeft size={15} aria-hidden />} />;
}
