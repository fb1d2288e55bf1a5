// Which H.264 a key picture is, in the words of WebCodecs. Reads three bytes of its sequence parameter set.

/** Constrained Baseline, level 4. */
const USUAL = "avc1.42E028";

/** `data` is Annex B: NAL units after start codes 00 00 01. */
export function codecString(data: Uint8Array): string {
  for (let at = 0; at + 6 < data.length; at++) {
    const isStart = data[at] === 0 && data[at + 1] === 0 && data[at + 2] === 1;
    if (isStart && (data[at + 3]! & 0x1f) === 7) {
      const profile = [data[at + 4]!, data[at + 5]!, data[at + 6]!];
      return `avc1.${profile.map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join("")}`;
    }
  }
  return USUAL;
}
