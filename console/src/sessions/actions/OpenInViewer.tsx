// The way into the native viewer: a one-time link that the system hands to it, and what to do where no viewer is installed.
import { Anchor, Button, Code, Group, Stack, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconAppWindow } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { api, take } from "../../api/client";
import { CopyText } from "../../parts/CopyText";
import { noticeError } from "../../parts/notices";

/** A link works for this long. */
const VALID_MS = 60_000;

/** Asks for a link and opens it; the dialog stays for who has no viewer, or wants the link elsewhere. */
export async function openInViewer(sessionId: string, title: string, closeLabel: string): Promise<void> {
  try {
    const answer = await take(api.POST("/api/v1/sessions/{id}/connect", { params: { path: { id: sessionId } } }));
    modals.open({
      title,
      size: "lg",
      closeButtonProps: { "aria-label": closeLabel },
      children: <OpenInViewer first={answer.native_link} sessionId={sessionId} />,
    });
  } catch (error) {
    noticeError(error);
  }
}

function OpenInViewer({ first, sessionId }: { first: string; sessionId: string }) {
  const { t } = useTranslation();
  const [link, setLink] = useState(first);
  const [isOld, setIsOld] = useState(false);
  const opener = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    // A click on a real link is what browsers hand to other programs most willingly.
    opener.current?.click();
    setIsOld(false);
    const timer = setTimeout(() => setIsOld(true), VALID_MS);
    return () => clearTimeout(timer);
  }, [link]);
  const again = async () => {
    try {
      const answer = await take(api.POST("/api/v1/sessions/{id}/connect", { params: { path: { id: sessionId } } }));
      setLink(answer.native_link);
    } catch (error) {
      noticeError(error);
    }
  };
  return (
    <Stack gap="md">
      <Text size="sm">{t("viewer.opening")}</Text>
      <Group>
        {isOld ? (
          <Button leftSection={<IconAppWindow size={16} />} onClick={() => void again()} data-testid="viewer-again">
            {t("viewer.newLink")}
          </Button>
        ) : (
          <Button component="a" href={link} ref={opener} leftSection={<IconAppWindow size={16} />} data-testid="viewer-open">
            {t("viewer.open")}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed">
        {t(isOld ? "viewer.old" : "viewer.once")}
      </Text>
      {!isOld && <CopyText text={link} label={t("viewer.link")} copyLabel={t("viewer.copy")} testId="viewer-link" />}
      <Text size="sm" fw={600}>
        {t("viewer.noneTitle")}
      </Text>
      <Text size="sm">
        {t("viewer.none")} <Code>mayday-viewer --open &quot;…&quot;</Code>
      </Text>
      <Text size="sm">
        {t("viewer.orBrowser")} <Anchor href={`/sessions/${sessionId}/remote`}>{t("viewer.browser")}</Anchor>
      </Text>
    </Stack>
  );
}
