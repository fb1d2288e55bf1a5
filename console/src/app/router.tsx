// The console's table of contents: which address shows which page, and which of them need a sign-in.
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";

import { ApiError } from "../api/errors";
import { meQuery } from "../api/queries";
import { AccountPage } from "../account/AccountPage";
import { CallsPage } from "../calls/CallsPage";
import { readAuditSearch } from "../audit/search";
import { ChannelPeoplePage } from "../channels/ChannelPeoplePage";
import { ChannelPermissionsPage } from "../channels/ChannelPermissionsPage";
import { ChannelSettingsPage } from "../channels/ChannelSettingsPage";
import { ChannelsPage } from "../channels/ChannelsPage";
import { Root } from "../frame/Root";
import { Frame } from "../frame/Frame";
import { FailurePage, NotFoundPage } from "../frame/FailurePage";
import { SignedIn } from "../frame/SignedIn";
import { ChannelSessionsPage, HomePage, PrivatePage } from "../sessions/list/SessionListPages";
import { readListSearch } from "../sessions/list/search";
import { readReportSearch } from "../reports/search";
import { SessionDetailsPage } from "../sessions/details/SessionDetailsPage";
import { SetUpPage } from "../sign-in/SetUpPage";
import { SignInPage } from "../sign-in/SignInPage";
import { TechniciansPage } from "../technicians/TechniciansPage";
import { speak } from "../texts";
import { pickLanguage } from "./language";

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  component: Root,
  errorComponent: FailurePage,
  notFoundComponent: NotFoundPage,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>): { to?: string; ended?: true } => {
    const { to, ended } = search;
    return {
      // Only a path of our own: never a way to another site.
      ...(typeof to === "string" && to.startsWith("/") && !to.startsWith("//") && { to }),
      // Somebody was signed in here, and is told why they see this.
      ...(ended === true && { ended }),
    };
  },
  component: SignInPage,
});

const setUp = createRoute({ getParentRoute: () => root, path: "/setup/$token", component: SetUpPage });

const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  component: SignedIn,
  beforeLoad: async ({ context, location }) => {
    try {
      const me = await context.client.ensureQueryData(meQuery);
      await speak(pickLanguage(me.language));
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) throw redirect({ to: "/sign-in", search: { to: location.href } });
      throw error;
    }
  },
});

const frame = createRoute({ getParentRoute: () => signedIn, id: "frame", component: Frame });

/** `technician:ID` or `group:ID`: whose permissions are shown. */
const readWho = (search: Record<string, unknown>): { who?: string } => (typeof search.who === "string" && /^(technician|group):\d+$/.test(search.who) ? { who: search.who } : {});
const readTab = (search: Record<string, unknown>): { tab?: "groups" } => (search.tab === "groups" ? { tab: "groups" } : {});

const home = createRoute({ getParentRoute: () => frame, path: "/", validateSearch: readListSearch, component: HomePage });
const mine = createRoute({ getParentRoute: () => frame, path: "/private", validateSearch: readListSearch, component: PrivatePage });
const channels = createRoute({ getParentRoute: () => frame, path: "/channels", component: ChannelsPage });
const channel = createRoute({ getParentRoute: () => frame, path: "/channels/$id", validateSearch: readListSearch, component: ChannelSessionsPage });
const calls = createRoute({ getParentRoute: () => frame, path: "/channels/$id/calls", component: CallsPage });
const channelSettings = createRoute({ getParentRoute: () => frame, path: "/channels/$id/settings", component: ChannelSettingsPage });
const channelPeople = createRoute({ getParentRoute: () => frame, path: "/channels/$id/people", component: ChannelPeoplePage });
const channelPermissions = createRoute({ getParentRoute: () => frame, path: "/channels/$id/permissions", validateSearch: readWho, component: ChannelPermissionsPage });
const session = createRoute({ getParentRoute: () => frame, path: "/sessions/$id", component: SessionDetailsPage });
const audit = createRoute({
  getParentRoute: () => frame,
  path: "/audit",
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import("../audit/AuditPage"), "AuditPage"),
});
const reports = createRoute({
  getParentRoute: () => frame,
  path: "/reports",
  validateSearch: readReportSearch,
  component: lazyRouteComponent(() => import("../reports/ReportsPage"), "ReportsPage"),
});
const technicians = createRoute({ getParentRoute: () => frame, path: "/technicians", validateSearch: readTab, component: TechniciansPage });
const settings = createRoute({
  getParentRoute: () => frame,
  path: "/settings",
  component: lazyRouteComponent(() => import("../settings/SettingsPage"), "SettingsPage"),
});
const account = createRoute({ getParentRoute: () => frame, path: "/account", component: AccountPage });

// The remote view has the whole window for itself, and its code is loaded only when it is opened.
const remote = createRoute({
  getParentRoute: () => signedIn,
  path: "/sessions/$id/remote",
  component: lazyRouteComponent(() => import("../sessions/RemotePage"), "RemotePage"),
});

const tree = root.addChildren([
  signIn,
  setUp,
  signedIn.addChildren([frame.addChildren([home, mine, channels, channel, channelSettings, channelPeople, channelPermissions, calls, session, technicians, reports, audit, settings, account]), remote]),
]);

export const makeRouter = (client: QueryClient) => createRouter({ routeTree: tree, context: { client }, defaultPreload: "intent", scrollRestoration: true });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
