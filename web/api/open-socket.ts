/** The API's WebSocket for events. The cookie of the session says who asks. */
export const openSocket = (): WebSocket =>
  new WebSocket(`${location.origin.replace(/^http/, 'ws')}/v1/events`);
