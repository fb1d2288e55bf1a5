// A piece of text that is there to be copied: shown, selectable, and one press away from the clipboard.
import { Button, type ButtonProps } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import type { MouseEvent } from "react";
import { useTranslation } from "react-i18next";

import classes from "./CopyText.module.css";

interface CopyButtonProps extends ButtonProps {
  text: string;
  label: string;
}

export function CopyButton({ text, label, ...button }: CopyButtonProps) {
  const { t } = useTranslation();
  const clipboard = useClipboard({ timeout: 2500 });
  return (
    <Button
      variant="default"
      leftSection={clipboard.copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
      onClick={() => clipboard.copy(text)}
      aria-live="polite"
      {...button}
    >
      {clipboard.copied ? t("common.copied") : label}
    </Button>
  );
}

interface CopyTextProps {
  text: string;
  label: string;
  copyLabel: string;
  testId?: string;
}

/** The text in a frame with its copy button. Pressing the text selects all of it. */
export function CopyText({ text, label, copyLabel, testId }: CopyTextProps) {
  const select = (event: MouseEvent<HTMLElement>) => window.getSelection()?.selectAllChildren(event.currentTarget);
  return (
    <div className={classes.box}>
      <code className={classes.text} aria-label={label} tabIndex={0} role="textbox" aria-readonly onClick={select} data-testid={testId}>
        {text}
      </code>
      <CopyButton text={text} label={copyLabel} className={classes.button} />
    </div>
  );
}
