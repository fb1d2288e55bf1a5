// To whom a channel gives incoming requests: the rule, and whom it is about.
import { Radio, Select, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

import { groupsQuery, peopleQuery } from "../api/queries";
import type { Channel, Routing, RoutingRule } from "../api/types";
import { Panel } from "../parts/Page";
import type { SettingsProps } from "./ChannelSettingsPage";

const RULES: RoutingRule[] = ["queue", "technician", "round_robin", "least_busy"];

export function RoutingFields({ channel, fields, write, errorOf }: SettingsProps) {
  const { t } = useTranslation();
  const { routing } = fields;
  const choices = useChoices(channel);
  const set = (change: Partial<Routing>) => write({ ...fields, routing: { ...routing, ...change } });
  return (
    <Panel title={t("channels.routing")}>
      <Radio.Group value={routing.rule} onChange={(rule) => set({ rule: rule as RoutingRule })} description={t("channels.routingHint")} error={errorOf("routing")}>
        <Stack gap="sm" mt="sm">
          {RULES.map((rule) => (
            <div key={rule}>
              <Radio value={rule} label={t(`channels.rules.${rule}`)} description={t(`channels.ruleHints.${rule}`)} data-testid={`routing-${rule}`} />
              {rule === "technician" && routing.rule === rule && (
                <Select mt="xs" ml={30} maw={320} searchable aria-label={t("destination.technician")} placeholder={t("destination.technician")} nothingFoundMessage={t("palette.nothing")} data={choices.people} value={routing.technician_id ?? null} onChange={(technician_id) => set({ technician_id })} data-testid="routing-who" />
              )}
              {rule === "round_robin" && routing.rule === rule && (
                <Select mt="xs" ml={30} maw={320} searchable aria-label={t("groups.group")} placeholder={choices.groups.length ? t("groups.group") : t("channels.noGroups")} nothingFoundMessage={t("palette.nothing")} data={choices.groups} value={routing.group_id ?? null} onChange={(group_id) => set({ group_id })} data-testid="routing-group" />
              )}
            </div>
          ))}
        </Stack>
      </Radio.Group>
    </Panel>
  );
}

/** Technicians and groups of the channel; in the default channel is everybody. */
function useChoices(channel: Channel) {
  const people = useQuery(peopleQuery).data ?? [];
  const groups = useQuery(groupsQuery).data ?? [];
  const named = (list: { id: string; name: string }[]) => list.map(({ id, name }) => ({ value: id, label: name }));
  if (channel.kind === "default") return { people: named(people), groups: named(groups) };
  const assigned = new Set(channel.groups.map((one) => one.id));
  const here = new Set([...channel.members, ...groups.filter((one) => assigned.has(one.id)).flatMap((one) => one.members)].map((one) => one.id));
  return { people: named(people.filter((one) => here.has(one.id))), groups: named(channel.groups) };
}
