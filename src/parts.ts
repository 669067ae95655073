import type { ModuleMetadata } from '@nestjs/common';

/** What a folder adds to the API. */
export type Parts = Required<Pick<ModuleMetadata, 'controllers' | 'providers'>>;
