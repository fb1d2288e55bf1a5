// A link to a channel's sessions; my private channel has an address and a word of its own.
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface ChannelLinkProps {
  channel: { id: string; name: string };
  isPrivate: boolean;
  className?: string;
  before?: ReactNode;
}

export function ChannelLink({ channel, isPrivate, className, before }: ChannelLinkProps) {
  const { t } = useTranslation();
  return isPrivate ? (
    <Link to="/private" className={className}>
      {before}
      {t("frame.private")}
    </Link>
  ) : (
    <Link to="/channels/$id" params={{ id: channel.id }} className={className}>
      {before}
      {channel.name}
    </Link>
  );
}
