// Who works here: technicians with role and state, and what may be changed about them.
import { ActionIcon, Avatar, Badge, Button, Loader, Menu } from "@mantine/core";
import { IconDotsVertical, IconLink, IconPlus, IconTrash, IconUserCheck, IconUserOff, IconUsers, IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";

import { techniciansQuery } from "../api/queries";
import type { Group, Technician } from "../api/types";
import { useMay, useMe } from "../app/me";
import tabs from "../channels/ChannelPage.module.css";
import { NotFoundPage } from "../frame/FailurePage";
import { GroupDialog } from "../groups/GroupDialog";
import { GroupsPanel } from "../groups/GroupsPanel";
import { Failed } from "../parts/Failed";
import { Empty, Page } from "../parts/Page";
import tables from "../parts/Table.module.css";
import classes from "./TechniciansPage.module.css";
import { TechnicianDialog } from "./TechnicianDialog";
import { useTechnicianActions } from "./use-technician-actions";

type Dialog = { kind: "add" } | { kind: "edit"; technician: Technician } | { kind: "group"; group: Group | null } | null;

export function TechniciansPage() {
  const { t } = useTranslation();
  const may = useMay("technician.manage");
  const { tab } = useSearch({ from: "/signed-in/frame/technicians" });
  const [dialog, setDialog] = useState<Dialog>(null);
  if (!may) return <NotFoundPage />;
  const addGroup = () => setDialog({ kind: "group", group: null });
  const add = () => setDialog({ kind: "add" });
  return (
    <Page
      title={t("frame.technicians")}
      subtitle={tab === "groups" ? t("groups.hint") : t("technicians.hint")}
      actions={
        tab === "groups" ? (
          <Button leftSection={<IconPlus size={17} />} onClick={addGroup} data-testid="add-group">
            {t("groups.add")}
          </Button>
        ) : (
          <Button leftSection={<IconPlus size={17} />} onClick={add} data-testid="add-technician">
            {t("technicians.add")}
          </Button>
        )
      }
    >
      <nav className={tabs.tabs} aria-label={t("frame.technicians")}>
        <Link to="/technicians" search={{}} activeOptions={{ exact: true }} className={tabs.tab}>
          {t("technicians.people")}
        </Link>
        <Link to="/technicians" search={{ tab: "groups" }} activeOptions={{ exact: true }} className={tabs.tab}>
          {t("groups.title")}
        </Link>
      </nav>
      {tab === "groups" ? (
        <GroupsPanel add={addGroup} edit={(group) => setDialog({ kind: "group", group })} />
      ) : (
        <TechniciansPanel add={add} edit={(technician) => setDialog({ kind: "edit", technician })} />
      )}
      {dialog?.kind === "group" && <GroupDialog group={dialog.group} close={() => setDialog(null)} />}
      {(dialog?.kind === "add" || dialog?.kind === "edit") && <TechnicianDialog technician={dialog.kind === "edit" ? dialog.technician : null} close={() => setDialog(null)} />}
    </Page>
  );
}

function TechniciansPanel({ add, edit }: { add: () => void; edit: (technician: Technician) => void }) {
  const { t } = useTranslation();
  const technicians = useQuery(techniciansQuery);
  const people = [...(technicians.data ?? [])].sort((a, b) => a.name.localeCompare(b.name));
  return (
    <>
      {technicians.isPending && <Loader aria-label={t("common.loading")} />}
      {technicians.isError && <Failed error={technicians.error} retry={() => void technicians.refetch()} />}
      {people.length === 1 && <Empty icon={<IconUsers />} title={t("technicians.alone")} hint={t("technicians.aloneHint")} action={<Button onClick={add}>{t("technicians.add")}</Button>} />}
      {people.length > 1 && <People people={people} edit={edit} />}
    </>
  );
}

function People({ people, edit }: { people: Technician[]; edit: (technician: Technician) => void }) {
  const { t } = useTranslation();
  return (
    <table className={tables.table}>
      <thead>
        <tr>
          <th>{t("technicians.name")}</th>
          <th className={tables.wideOnly}>{t("technicians.role")}</th>
          <th>{t("technicians.state")}</th>
          <th className={tables.end}>
            <span className={tables.hidden}>{t("sessions.actions")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {people.map((one) => (
          <Person key={one.id} technician={one} edit={() => edit(one)} />
        ))}
      </tbody>
    </table>
  );
}

function Person({ technician, edit }: { technician: Technician; edit: () => void }) {
  const { t } = useTranslation();
  return (
    <tr data-testid={`technician-row-${technician.id}`}>
      <td>
        <div className={classes.who}>
          <Avatar name={technician.name} color="petrol" size={34} aria-hidden />
          <div className={classes.text}>
            <span className={classes.name}>{technician.name}</span>
            <span className={classes.email}>{technician.email}</span>
          </div>
        </div>
      </td>
      <td className={tables.wideOnly}>
        {t(`roles.${technician.role}`)}
        {technician.skills.length > 0 && <div className={classes.skills}>{technician.skills.join(" · ")}</div>}
      </td>
      <td>
        <State technician={technician} />
      </td>
      <td className={tables.end}>
        <Actions technician={technician} edit={edit} />
      </td>
    </tr>
  );
}

function State({ technician }: { technician: Technician }) {
  const { t } = useTranslation();
  if (technician.state === "invited") return <Badge color="ember" variant="light" tt="none">{t("technicians.invited")}</Badge>;
  if (technician.state === "disabled") return <Badge color="gray" variant="outline" tt="none">{t("technicians.disabled")}</Badge>;
  return (
    <span className={classes.online} data-online={technician.online || undefined}>
      {technician.online ? t("technicians.online") : t("technicians.offline")}
    </span>
  );
}

function Actions({ technician, edit }: { technician: Technician; edit: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const actions = useTechnicianActions(technician);
  return (
    <Menu width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={32} aria-label={t("actions.more", { name: technician.name })} data-testid="technician-menu">
          <IconDotsVertical size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={edit} data-testid="technician-edit">
          {t("technicians.edit")}
        </Menu.Item>
        {technician.state !== "disabled" && (
          <Menu.Item leftSection={<IconLink size={16} />} onClick={() => void actions.newSetUpLink()} data-testid="technician-new-link">
            {t("technicians.newLink")}
          </Menu.Item>
        )}
        {technician.id !== me?.id && (
          <>
            <Menu.Divider />
            {technician.state === "disabled" ? (
              <Menu.Item leftSection={<IconUserCheck size={16} />} onClick={() => void actions.setDisabled(false)} data-testid="technician-enable">
                {t("technicians.enable")}
              </Menu.Item>
            ) : (
              <Menu.Item leftSection={<IconUserOff size={16} />} onClick={actions.disable} data-testid="technician-disable">
                {t("technicians.disable")}
              </Menu.Item>
            )}
            <Menu.Item color="var(--text-danger)" leftSection={<IconTrash size={16} />} onClick={actions.remove} data-testid="technician-delete">
              {t("actions.delete")}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
