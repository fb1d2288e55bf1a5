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
