// The stages of a pixel's way, in order, from what the updates and this viewer measured. Pure.
import type { Summary } from "../client/statistics";

export interface Stage {
  id: "wait" | "grab" | "convert" | "encode" | "agent" | "network" | "receive" | "turn" | "decode" | "draw";
  ms: number;
  /** Three machines' clocks do not subtract: the network's share is half the round trip. */
  isEstimate?: true;
}

export function stagesOf({ mean, roundTrip }: Summary): Stage[] {
  if (!mean) return [];
  const { wait, grab, convert, encode } = mean.agent;
  const told = wait + grab + convert + encode;
  return [
    { id: "wait", ms: wait },
    { id: "grab", ms: grab },
    { id: "convert", ms: convert },
    { id: "encode", ms: encode },
    { id: "agent", ms: Math.max(mean.age - told, 0) },
    { id: "network", ms: (roundTrip ?? 0) / 2, isEstimate: true },
    { id: "receive", ms: mean.spread },
    { id: "turn", ms: mean.wait },
    { id: "decode", ms: mean.decode },
    { id: "draw", ms: Math.max(mean.receiveToDrawn - mean.wait - mean.decode, 0) },
  ];
}

export type Reason = "nothing" | "quick" | "read" | "encode" | "send" | "network" | "receive" | "turn" | "decode" | "draw";

/** Nobody calls this slow. */
const QUICK_MS = 60;

const PARTS: Readonly<Record<Stage["id"], Exclude<Reason, "nothing" | "quick">>> = {
  wait: "read",
  grab: "read",
  convert: "read",
  encode: "encode",
  agent: "send",
  network: "network",
  receive: "receive",
  turn: "turn",
  decode: "decode",
  draw: "draw",
};

/** Why it is slow, in one word: the part of the way that takes longest, unless all of it is quick. */
export function reasonOf(stages: Stage[]): { reason: Reason; ms: number } {
  if (stages.length === 0) return { reason: "nothing", ms: 0 };
  const total = stages.reduce((sum, stage) => sum + stage.ms, 0);
  if (total < QUICK_MS) return { reason: "quick", ms: total };
  const parts = new Map<Reason, number>();
  for (const { id, ms } of stages) parts.set(PARTS[id], (parts.get(PARTS[id]) ?? 0) + ms);
  const [reason, ms] = [...parts].reduce((slowest, part) => (part[1] > slowest[1] ? part : slowest));
  return { reason, ms };
}
