import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queries } from './api/queries.js';
import { fetchNext, router } from './router.js';
import './styles/tokens.css';
import './styles/page.css';
import './styles/controls.css';
import './styles/jobs.css';
import './styles/job.css';

const place = document.getElementById('root');
if (place === null) throw new Error('The page has no place to be shown in.');

createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);

window.addEventListener('load', () => {
  // Safari has no word for when it is idle.
  if ('requestIdleCallback' in window) window.requestIdleCallback(fetchNext);
  else setTimeout(fetchNext, 1_000);
});
