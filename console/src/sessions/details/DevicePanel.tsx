// The end user's computer as the agent reported it, before anybody connects.
import { IconDeviceDesktopQuestion } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

import type { Device } from "../../api/types";
import { Panel } from "../../parts/Page";
import classes from "./DevicePanel.module.css";

const MB_PER_GB = 1024;

export function DevicePanel({ device }: { device: Device | null }) {
  const { t } = useTranslation();
  return (
    <Panel title={t("device.title")}>
      {device ? (
        <Facts device={device} />
      ) : (
        <p className={classes.unknown}>
          <IconDeviceDesktopQuestion size={20} aria-hidden />
          {t("device.unknown")}
        </p>
      )}
    </Panel>
  );
}

function Facts({ device }: { device: Device }) {
  const { t, i18n } = useTranslation();
  const gigabytes = new Intl.NumberFormat(i18n.language, { style: "unit", unit: "gigabyte", maximumFractionDigits: 1 }).format(device.memory_mb / MB_PER_GB);
  return (
    <dl className={classes.facts}>
      <Fact label={t("device.hostName")}>{device.host_name}</Fact>
      <Fact label={t("device.system")}>{[device.os_name, device.os_version].filter(Boolean).join(" ")}</Fact>
      <Fact label={t("device.user")}>{device.user_name}</Fact>
      <Fact label={t("device.publicAddress")}>
        <span className="mono">{device.public_address}</span>
      </Fact>
      <Fact label={t("device.localAddresses")}>
        {device.local_addresses.map((address) => (
          <span key={address} className={`mono ${classes.line}`}>
            {address}
          </span>
        ))}
      </Fact>
      <Fact label={t("device.cpu")}>
        {device.cpu}
        <span className={classes.line}>{t("device.cores", { count: device.cpu_cores })}</span>
      </Fact>
      <Fact label={t("device.memory")}>{gigabytes}</Fact>
      <Fact label={t("device.displays", { count: device.displays.length })}>
        {device.displays.map((display, index) => (
          <span key={index} className={`numeric ${classes.line}`}>
            {display.width} × {display.height} <span className={classes.quiet}>{display.name}</span>
          </span>
        ))}
      </Fact>
      <Fact label={t("device.language")}>{languageName(device.language, i18n.language)}</Fact>
      <Fact label={t("device.agent")}>{device.agent_version}</Fact>
    </dl>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  const empty = children === "" || children === undefined || (Array.isArray(children) && children.length === 0);
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{empty ? "–" : children}</dd>
    </div>
  );
}

function languageName(tag: string, language: string): string {
  try {
    return new Intl.DisplayNames(language, { type: "language" }).of(tag.replace("_", "-").split(".")[0] ?? tag) ?? tag;
  } catch {
    return tag;
  }
}
