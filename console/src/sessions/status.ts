// How each status looks. The word always stands beside the icon: colour alone says nothing.
import { IconClockX, IconHourglassEmpty, IconInbox, IconLock, IconPointFilled, type Icon } from "@tabler/icons-react";

import type { Status } from "../api/types";

interface StatusLook {
  icon: Icon;
  tone: "active" | "queue" | "waiting" | "over";
}

export const STATUS_LOOKS: Record<Status, StatusLook> = {
  waiting: { icon: IconHourglassEmpty, tone: "waiting" },
  active: { icon: IconPointFilled, tone: "active" },
  in_queue: { icon: IconInbox, tone: "queue" },
  expired: { icon: IconClockX, tone: "over" },
  closed: { icon: IconLock, tone: "over" },
};
