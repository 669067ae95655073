import axe from 'axe-core';
import type { Tab } from './browser.js';

export const isTooWide = ({ page }: Tab): Promise<boolean> =>
  page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');

interface Found {
  violations: { id: string; impact: string; nodes: { html: string }[] }[];
}

/** What axe finds serious about the page as it stands. */
export async function complaintsOfAxe({ page }: Tab): Promise<string[]> {
  // Beside the policy, which lets a page load nothing that is not its own.
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const found = await (globalThis as unknown as { axe: { run(): Promise<Found> } }).axe.run();
    return found.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}
