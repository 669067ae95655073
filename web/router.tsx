import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { toInboxSearch } from './decide/inbox-search.js';
import { JobView } from './job/job-view.js';
import { toListSearch } from './jobs/filters.js';
import { JobsView } from './jobs/jobs-view.js';
import { toLibrarySearch, toThingSearch } from './library/library-search.js';
import { Empty } from './shared/empty.js';
import { Shell } from './shell/shell.js';
import { toSpendSearch } from './spend/spend-search.js';
import { SubmitView } from './submit/submit-view.js';
import { TypesView } from './submit/types-view.js';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => <Empty title="There is nothing at this address" />,
});

/** What few look at comes when it is looked at. */
const LibraryView = lazyRouteComponent(() => import('./library/library-view.js'));
const ThingView = lazyRouteComponent(() => import('./library/thing-view.js'));
const SpendView = lazyRouteComponent(() => import('./spend/spend-view.js'));
const SystemView = lazyRouteComponent(() => import('./system/system-view.js'));
const InboxView = lazyRouteComponent(() => import('./decide/inbox-view.js'));
const ChatView = lazyRouteComponent(() => import('./chat/chat-view.js'));

const routes = root.addChildren([
  createRoute({
    getParentRoute: () => root,
    path: '/',
    component: JobsView,
    validateSearch: toListSearch,
  }),
  createRoute({ getParentRoute: () => root, path: '/jobs/$id', component: JobView }),
  createRoute({ getParentRoute: () => root, path: '/submit', component: TypesView }),
  createRoute({ getParentRoute: () => root, path: '/submit/$type', component: SubmitView }),
  createRoute({
    getParentRoute: () => root,
    path: '/library',
    component: LibraryView,
    validateSearch: toLibrarySearch,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/library/$kind',
    component: LibraryView,
    validateSearch: toLibrarySearch,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/library/$kind/$id',
    component: ThingView,
    validateSearch: toThingSearch,
  }),
  createRoute({
    getParentRoute: () => root,
    path: '/spend',
    component: SpendView,
    validateSearch: toSpendSearch,
  }),
  createRoute({ getParentRoute: () => root, path: '/system', component: SystemView }),
  createRoute({
    getParentRoute: () => root,
    path: '/inbox',
    component: InboxView,
    validateSearch: toInboxSearch,
  }),
  createRoute({ getParentRoute: () => root, path: '/chat', component: ChatView }),
  createRoute({ getParentRoute: () => root, path: '/chat/$id', component: ChatView }),
]);

export const router = createRouter({ routeTree: routes });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
