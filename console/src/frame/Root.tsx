// What is there on every page, signed in or not.
import { Notifications } from "@mantine/notifications";
import { Outlet } from "@tanstack/react-router";

export function Root() {
  return (
    <>
      <Notifications position="bottom-right" limit={4} />
      <Outlet />
    </>
  );
}
