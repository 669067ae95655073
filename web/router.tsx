import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { toCompareSearch } from './compare/compare-search.js';
import { JobView } from './job/job-view.js';
import { toListSearch } from './jobs/filters.js';
import { JobsView } from './jobs/jobs-view.js';
import { Empty } from './shared/empty.js';
import { Shell } from './shell/shell.js';
import { SubmitView } from './submit/submit-view.js';
import { TypesView } from './submit/types-view.js';

const root = createRootRoute({
  component: Shell,
  notFoundComponent: () => <Empty title="There is nothing at this address" />,
});

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
    component: lazyRouteComponent(() => import('./compare/compare-view.js'), 'CompareView'),
    validateSearch: toCompareSearch,
  }),
  createRoute({ getParentRoute: () => root, path: '/submit', component: TypesView }),
  createRoute({ getParentRoute: () => root, path: '/submit/$type', component: SubmitView }),
]);

export const router = createRouter({ routeTree: routes });

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
