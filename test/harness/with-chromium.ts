import { describe } from '@jest/globals';
import { findChromium } from './browser.js';

/** Where people develop there may be no Chromium; continuous integration has to have one. */
export const withChromium = findChromium() === null && !process.env['CI'] ? describe.skip : describe;
