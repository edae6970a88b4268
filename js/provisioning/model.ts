// What travels: paths, and the members of what is sent and received. The one place that knows their names on the wire, which
// are a proposal of ours (provisioning §0), so that they can be changed here if they have to.

import { count, list, maybe, present, record, text, time, truth, type Json } from './json.js';

/** The one product: entitles one user to take part in voice and video calls (provisioning §1). */
export const PRODUCT = 'KPN-VoiceVideo-C';

/** Where the API is on its host (provisioning §1), and where its tokens come from (§2.1). */
export const API = '/communication/kandy/provisioning';
export const TOKEN = '/oauth/client_credential/accesstoken?grant_type=client_credentials';

export const paths = {
  orders: '/order',
  order: (orderNumber: string) => `/order/${encodeURIComponent(orderNumber)}`,
  inventory: '/inventory',
  subscribers: '/subscriber',
  subscriber: (subscriberId: string) => `/subscriber/${encodeURIComponent(subscriberId)}`,
  password: (subscriberId: string) => `/subscriber/${encodeURIComponent(subscriberId)}/password`,
  usage: '/usage',
};

/** What a text may be besides those that are known, so that a newer server breaks nothing. */
type Other = string & {};

/** `increment` adds pieces to the inventory, `decrement` gives pieces back that nobody holds. */
export type OrderType = 'increment' | 'decrement';

/** `pendingApproval`: beyond the agreed limit, waits for the operator. `failed`: the operator may still fulfil it. */
export type OrderStatus = 'received' | 'fulfilled' | 'pendingApproval' | 'rejected' | 'failed';

/** An order. */
export interface Order {
  /** Made by the server, unique in the account, such as `ORD-000000127`. */
  readonly orderNumber: string;
  /** More or fewer pieces. */
  readonly type: OrderType | Other;
  /** Of which product. */
  readonly product: string;
  /** Pieces. */
  readonly quantity: number;
  /** Your own reference, if you gave one. */
  readonly reference?: string;
  /** What became of it. */
  readonly status: OrderStatus | Other;
  /** Why it is not fulfilled. */
  readonly statusReason?: string;
  /** When it was made. */
  readonly createdAt: Date;
  /** When the inventory changed; missing before. */
  readonly fulfilledAt?: Date;
}

/** What of a list one page has. */
export interface Page {
  /** From 1. */
  readonly page: number;
  /** Most elements on a page. */
  readonly pageSize: number;
  /** Elements on all pages together. */
  readonly totalItems: number;
  /** Pages there are. */
  readonly totalPages: number;
}

/** One page of orders. */
export interface OrderPage extends Page {
  /** Those of this page. */
  readonly orders: readonly Order[];
}

/** What the account has. */
export interface Inventory {
  /** One entry for each product. */
  readonly products: readonly ProductInventory[];
  /** What the current month will be charged for, if the server tells. */
  readonly billing?: Billing;
}

/** The pieces of one product. `0 <= used <= total`. */
export interface ProductInventory {
  /** Its name, such as `KPN-VoiceVideo-C`. */
  readonly product: string;
  /** Bought and not given back. */
  readonly total: number;
  /** Held by subscribers. */
  readonly used: number;
  /** `total` less `used`. */
  readonly available: number;
  /** In orders that wait for approval. */
  readonly pending: number;
  /** Most pieces that are agreed; missing without such a limit. */
  readonly limitQuantity?: number;
}

/** A month is charged by the highest `total` in it. */
export interface Billing {
  /** `YYYY-MM`, in UTC. */
  readonly month: string;
  /** The highest `total` so far, in pieces, by product. */
  readonly peak: Readonly<Record<string, number>>;
}

/** `temporary` ones may have an `expiresAt`. */
export type SubscriberType = 'persistent' | 'temporary';

/** `deleting`: the sessions are being ended. */
export type SubscriberState = 'active' | 'deleting';

/** A user who can be called and can call. */
export interface Subscriber {
  /** The server's key, a UUID. */
  readonly subscriberId: string;
  /** The part before the `@`, in lower case. */
  readonly userId: string;
  /** `userId@domain`: what others call, and what the SDK signs in with. */
  readonly identity: string;
  /** Of which it holds one piece. */
  readonly product: string;
  /** Whether it may end by itself. */
  readonly type: SubscriberType | Other;
  /** When the server deletes it. */
  readonly expiresAt?: Date;
  /** First name. */
  readonly firstName?: string;
  /** Last name. */
  readonly lastName?: string;
  /** Address of mail. */
  readonly email?: string;
  /** Shown to those who are called. */
  readonly displayName?: string;
  /** Your own data. */
  readonly customData?: Readonly<Record<string, unknown>>;
  /** Whether it is there. */
  readonly state: SubscriberState | Other;
  /** When it was made. */
  readonly createdAt: Date;
  /** Where the SDK connects; of `create` and `get`, not in lists. */
  readonly connection?: Connection;
  /** Whether a session of it is alive; of `get` and lists. */
  readonly online?: boolean;
  /** When it was last seen; missing if never. */
  readonly lastSeenAt?: Date;
}

/** A subscriber as `create` returns it. */
export interface NewSubscriber extends Subscriber {
  /**
   * What the subscriber signs in with. The server tells it here, and to a repeated request with the same `idempotencyKey`, and
   * never again; another server than ours may leave it out of a repeated answer.
   */
  readonly password?: string;
}

/** For `create` of the SDK in a page, which needs nothing else to connect. */
export interface Connection {
  /** Host for `authentication.subscription.server`. */
  readonly subscriptionServer: string;
  /** Host for `authentication.websocket.server`. */
  readonly websocketServer: string;
  /** `https`, or `http` on a machine of your own; the WebSocket has `wss` or `ws` then. */
  readonly protocol: string;
  /** The same for both. */
  readonly port: number;
}

/** One page of subscribers. */
export interface SubscriberPage extends Page {
  /** Without `connection`. */
  readonly subscribers: readonly Subscriber[];
}

/** What became of a subscriber that was deleted. */
export interface Deletion {
  /** The key that it had. */
  readonly subscriberId: string;
  /** `userId@domain` */
  readonly identity: string;
  /** Whether it is gone. */
  readonly deleted: boolean;
  /** Of which a piece is available again. */
  readonly product: string;
  /** Applications that were forced out. */
  readonly sessionsEnded: number;
  /** Calls that were up. */
  readonly callsEnded: number;
}

/** The password that was set. */
export interface NewPassword {
  /** Whose it is. */
  readonly subscriberId: string;
  /** `userId@domain` */
  readonly identity: string;
  /** What the subscriber signs in with from now on; told here and never again. */
  readonly password: string;
  /** Applications that were forced out. */
  readonly sessionsEnded: number;
}

/** What a month is charged for. */
export interface Usage {
  /** `YYYY-MM`, in UTC. */
  readonly month: string;
  /** One entry for each product. */
  readonly products: readonly Peak[];
}

/** The highest `total` of a product in a month. */
export interface Peak {
  /** Its name. */
  readonly product: string;
  /** Pieces. */
  readonly peak: number;
  /** When it was reached; missing if the month began with it. */
  readonly reachedAt?: Date;
}

/** An order as it is asked for. */
export interface OrderWish {
  /** More or fewer pieces. */
  type: OrderType;
  /** Pieces to add or to give back, 1 to 100,000. */
  quantity: number;
  /** Default `KPN-VoiceVideo-C`, the only one. */
  product?: string | undefined;
  /** Your own reference, at most 64 characters. */
  reference?: string | undefined;
}

/** A subscriber as it is asked for. */
export interface SubscriberWish {
  /** 1 to 64 letters, digits, `.`, `_` and `-`; capitals are made small. The server makes one if it is missing. */
  userId?: string | undefined;
  /** 8 to 128 characters. The server makes one of 24 if it is missing. */
  password?: string | undefined;
  /** Of which one piece is taken. Default `KPN-VoiceVideo-C`, the only one. */
  product?: string | undefined;
  /** Default `persistent`. */
  type?: SubscriberType | undefined;
  /** With `temporary` only: when the server deletes it, as `delete` does. A text is RFC 3339. */
  expiresAt?: Date | string | undefined;
  /** At most 128 characters, as the three below: shown to those who are called, and found in the directory. */
  firstName?: string | undefined;
  /** Last name. */
  lastName?: string | undefined;
  /** Address of mail. */
  email?: string | undefined;
  /** The name that is shown in place of first and last name. */
  displayName?: string | undefined;
  /** Your own data, at most 4 KiB as JSON. */
  customData?: Readonly<Record<string, unknown>> | undefined;
}

/** What an address asks for after its `?`; undefined members are not sent. */
export interface Filter {
  readonly orderNumber?: string | undefined;
  readonly status?: string | undefined;
  readonly type?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly userId?: string | undefined;
  readonly identity?: string | undefined;
  readonly state?: string | undefined;
  readonly month?: string | undefined;
  readonly page?: number | undefined;
  readonly pageSize?: number | undefined;
}

/** The query of an address, with its `?`; empty if nothing is wanted. */
export function query({ pageSize, ...others }: Filter): string {
  const given = Object.entries({ ...others, page_size: pageSize }).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return given.length > 0 ? `?${search}` : '';
}

export function orderBody({ type, product = PRODUCT, quantity, reference }: OrderWish): string {
  return JSON.stringify({ type, product, quantity, reference });
}

export function subscriberBody({ product = PRODUCT, ...wish }: SubscriberWish): string {
  return JSON.stringify({ product, ...wish });
}

export function passwordBody(password: string | undefined): string {
  return JSON.stringify({ password });
}

export function order(from: unknown): Order {
  const json = record(from, 'the order');
  return present<Order>({
    orderNumber: text(json, 'orderNumber'),
    type: text(json, 'type'),
    product: text(json, 'product'),
    quantity: count(json, 'quantity'),
    reference: maybe(json, 'reference', text),
    status: text(json, 'status'),
    statusReason: maybe(json, 'statusReason', text),
    createdAt: time(json, 'createdAt'),
    fulfilledAt: maybe(json, 'fulfilledAt', time),
  });
}

export function orderPage(from: unknown): OrderPage {
  const json = record(from, 'the list of orders');
  return { orders: list(json, 'orders', order), ...page(json) };
}

export function inventory(from: unknown): Inventory {
  const json = record(from, 'the inventory');
  return present<Inventory>({ products: list(json, 'products', productInventory), billing: maybe(json, 'billing', billing) });
}

export function newSubscriber(from: unknown): NewSubscriber {
  const password = maybe(record(from, 'the subscriber'), 'password', text);
  return { ...subscriber(from), ...(password !== undefined && { password }) };
}

export function subscriber(from: unknown): Subscriber {
  const json = record(from, 'the subscriber');
  return present<Subscriber>({
    subscriberId: text(json, 'subscriberId'),
    userId: text(json, 'userId'),
    identity: text(json, 'identity'),
    product: text(json, 'product'),
    type: text(json, 'type'),
    expiresAt: maybe(json, 'expiresAt', time),
    firstName: maybe(json, 'firstName', text),
    lastName: maybe(json, 'lastName', text),
    email: maybe(json, 'email', text),
    displayName: maybe(json, 'displayName', text),
    customData: maybe(json, 'customData', object),
    state: text(json, 'state'),
    createdAt: time(json, 'createdAt'),
    connection: maybe(json, 'connection', connection),
    online: maybe(json, 'online', truth),
    lastSeenAt: maybe(json, 'lastSeenAt', time),
  });
}

export function subscriberPage(from: unknown): SubscriberPage {
  const json = record(from, 'the list of subscribers');
  return { subscribers: list(json, 'subscribers', subscriber), ...page(json) };
}

export function deletion(from: unknown): Deletion {
  const json = record(from, 'the deletion');
  return {
    subscriberId: text(json, 'subscriberId'),
    identity: text(json, 'identity'),
    deleted: truth(json, 'deleted'),
    product: text(json, 'product'),
    sessionsEnded: count(json, 'sessionsEnded'),
    callsEnded: count(json, 'callsEnded'),
  };
}

export function newPassword(from: unknown): NewPassword {
  const json = record(from, 'the password');
  return {
    subscriberId: text(json, 'subscriberId'),
    identity: text(json, 'identity'),
    password: text(json, 'password'),
    sessionsEnded: count(json, 'sessionsEnded'),
  };
}

export function usage(from: unknown): Usage {
  const json = record(from, 'the usage');
  return { month: text(json, 'month'), products: list(json, 'products', peak) };
}

function peak(from: unknown): Peak {
  const json = record(from, 'the peak');
  return present<Peak>({ product: text(json, 'product'), peak: count(json, 'peak'), reachedAt: maybe(json, 'reachedAt', time) });
}

function page(json: Json): Page {
  return { page: count(json, 'page'), pageSize: count(json, 'page_size'), totalItems: count(json, 'total_items'), totalPages: count(json, 'total_pages') };
}

function productInventory(from: unknown): ProductInventory {
  const json = record(from, 'the product');
  return present<ProductInventory>({
    product: text(json, 'product'),
    total: count(json, 'total'),
    used: count(json, 'used'),
    available: count(json, 'available'),
    pending: maybe(json, 'pending', count) ?? 0,
    limitQuantity: maybe(json, 'limitQuantity', count),
  });
}

function billing(from: Json, member: string): Billing {
  const json = object(from, member);
  const peaks = object(json, 'peak');
  return { month: text(json, 'month'), peak: Object.fromEntries(Object.keys(peaks).map((product) => [product, count(peaks, product)])) };
}

function connection(from: Json, member: string): Connection {
  const json = object(from, member);
  return {
    subscriptionServer: text(json, 'subscriptionServer'),
    websocketServer: text(json, 'websocketServer'),
    protocol: text(json, 'protocol'),
    port: count(json, 'port'),
  };
}

function object(from: Json, member: string): Json {
  return record(from[member], member);
}
