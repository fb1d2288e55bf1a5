// The remote view of a session: the whole window, without the frame.
import { useDocumentTitle } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";

import { sessionQuery } from "../api/queries";
import { RemoteView } from "../remote";
import classes from "./RemotePage.module.css";

export function RemotePage() {
  const { id } = useParams({ from: "/signed-in/sessions/$id/remote" });
  const session = useQuery(sessionQuery(id)).data;
  useDocumentTitle(session ? `${session.name} · Mayday` : "Mayday");
  return (
    <main className={classes.page}>
      <RemoteView sessionId={id} />
    </main>
  );
}
