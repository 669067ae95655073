import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Link } from '@tanstack/react-router';
import { toInboxSearch } from './decide/inbox-search.js';
import { toCompareSearch } from './compare/compare-search.js';
import { toListSearch } from './jobs/filters.js';
import { JobsView } from './jobs/jobs-view.js';
import { toLibrarySearch, toThingSearch } from './library/library-search.js';
import { Empty, Loading } from './shared/empty.js';
import { part } from './shared/part.js';
import { BrokenView } from './shell/broken-view.js';
import { Shell } from './shell/shell.js';
import { toSpendSearch } from './spend/spend-search.js';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => (
    <Empty title="There is nothing at this address">
      <p>
        <Link to="/">All jobs</Link>
      </p>
    </Empty>
  ),
});

/** All but the list come when they are looked at. */
const JobView = lazyRouteComponent(
  part(() => import('./job/job-view.js')),
  'JobView',
);
const TypesView = lazyRouteComponent(
  part(() => import('./submit/types-view.js')),
  'TypesView',
);
const SubmitView = lazyRouteComponent(
  part(() => import('./submit/submit-view.js')),
  'SubmitView',
);
const CompareView = lazyRouteComponent(
  part(() => import('./compare/compare-view.js')),
  'CompareView',
);
const LibraryView = lazyRouteComponent(part(() => import('./library/library-view.js')));
const ThingView = lazyRouteComponent(part(() => import('./library/thing-view.js')));
const SpendView = lazyRouteComponent(part(() => import('./spend/spend-view.js')));
const SystemView = lazyRouteComponent(part(() => import('./system/system-view.js')));
const InboxView = lazyRouteComponent(part(() => import('./decide/inbox-view.js')));
const ChatView = lazyRouteComponent(part(() => import('./chat/chat-view.js')));

/** Fetches where most go from the list, so that they do not wait then, and go there offline. */
export function fetchNext(): void {
  for (const view of [JobView, TypesView, SubmitView]) void view.preload?.();
}

const routes = root.addChildren([
  createRoute({
    getParentRoute: () => root,
    path: '/',
    component: JobsView,
    validateSearch: toListSearch,
  }),
  createRoute({ getParentRoute: () => root, path: '/jobs/$id', component: JobView }),
  createRoute({
    getParentRoute: () => root,
    path: '/compare',
    component: CompareView,
    validateSearch: toCompareSearch,
  }),
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

export const router = createRouter({
  routeTree: routes,
  defaultErrorComponent: BrokenView,
  defaultPendingComponent: () => <Loading what="the view" lines={6} />,
  // Until then what was there stays, so that nothing flickers.
  defaultPendingMs: 200,
  defaultPendingMinMs: 300,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
