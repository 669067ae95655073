import type { Parts } from '../parts.js';
import { HomeController } from './home.controller.js';

export const home: Parts = {
  controllers: [HomeController],
  providers: [],
};
