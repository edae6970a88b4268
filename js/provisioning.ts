// `kandy-wasm/provisioning`: the client of the provisioning API, for servers. A module of its own; pages do not load it.

import { createCall, type Call, type CallOptions, type CreateOptions, type Result } from './provisioning/call.js';
import * as check from './provisioning/check.js';
import type { OrderFilter, SubscriberFilter, SubscriberKey } from './provisioning/check.js';
import { settingsOf, type ProvisioningConfig } from './provisioning/config.js';
import * as model from './provisioning/model.js';
import type * as Model from './provisioning/model.js';

/**
 * Orders products, and makes and deletes subscribers. Functions can be taken out of it.
 *
 * Every function returns a promise, and each result has `meta` beside its data: version, quota, request id. A promise rejects with
 *
 * * a `TypeError` for arguments that can never be right; nothing was sent then,
 * * a `ProvisioningError` for everything that the server or the network does,
 * * the reason of the signal that ended it.
 */
export interface ProvisioningClient {
  /** Orders. */
  readonly order: OrderApi;
  /** The inventory. */
  readonly inventory: InventoryApi;
  /** Subscribers. */
  readonly subscriber: SubscriberApi;
  /** What is charged. */
  readonly usage: UsageApi;
}

/** Orders: how many pieces of a product the account has. */
export interface OrderApi {
  /**
   * Buys pieces, or gives some back. Within the agreed limit the order is `fulfilled` at once; beyond it is `pendingApproval`, and
   * `get` tells later what became of it.
   *
   * Not tried again by itself: a repeated order is a second one, unless it has the same `idempotencyKey`.
   *
   * @param wish what is wanted
   * @param options signal, request id, idempotency key
   * @throws ProvisioningError `precondition` with the code `ProductsInUse` for a decrement below what subscribers hold;
   *   `forbidden` if the account may not order
   *
   * @example
   * const order = await client.order.create({ type: 'increment', quantity: 5, reference: 'PO-7741' });
   * if (order.status === 'pendingApproval') console.log(order.orderNumber, order.statusReason);
   */
  create(wish: Model.OrderWish, options?: CreateOptions): Promise<Result<Model.Order>>;
  /**
   * One page of the orders.
   *
   * @param filter which of them; all by default
   * @param options signal, request id
   * @throws ProvisioningError `notFound` if an `orderNumber` is wanted that there is not
   */
  list(filter?: OrderFilter, options?: CallOptions): Promise<Result<Model.OrderPage>>;
  /**
   * One order.
   *
   * @param orderNumber as `create` returned it
   * @param options signal, request id
   * @throws ProvisioningError `notFound`
   */
  get(orderNumber: string, options?: CallOptions): Promise<Result<Model.Order>>;
}

/** The inventory. */
export interface InventoryApi {
  /**
   * What the account has, and the highest total of the month so far. An account that never ordered has zeros.
   *
   * @param options signal, request id
   */
  get(options?: CallOptions): Promise<Result<Model.Inventory>>;
}

/** Subscribers: users who can be called and can call. */
export interface SubscriberApi {
  /**
   * Makes a subscriber, which takes one piece of the product.
   *
   * @param wish all of it is optional; the server makes a `userId` and a `password` where there is none
   * @param options signal, request id, idempotency key
   * @returns the subscriber with its password, which is told here and never again
   * @throws ProvisioningError `precondition` with the code `InsufficientProducts` if no piece is left, or `SubscriberExists`
   *
   * @example
   * const { identity, password, connection } = await client.subscriber.create({ userId: 'anna', displayName: 'Anna Visser' });
   */
  create(wish?: Model.SubscriberWish, options?: CreateOptions): Promise<Result<Model.NewSubscriber>>;
  /**
   * Deletes a subscriber. Its calls end, every application that uses it is forced out (its `auth:change` says `GONE`), and the
   * piece is available again. All of this has happened when the promise resolves.
   *
   * @param subscriber its `subscriberId`, or an object with that, a `userId` or an `identity`
   * @param options signal, request id
   * @throws ProvisioningError `notFound`, also if it is deleted already
   */
  delete(subscriber: SubscriberKey, options?: CallOptions): Promise<Result<Model.Deletion>>;
  /**
   * One page of the subscribers, without `connection`.
   *
   * @param filter which of them; all by default
   * @param options signal, request id
   */
  list(filter?: SubscriberFilter, options?: CallOptions): Promise<Result<Model.SubscriberPage>>;
  /**
   * One subscriber, never with its password.
   *
   * @param subscriberId as `create` returned it
   * @param options signal, request id
   * @throws ProvisioningError `notFound`
   */
  get(subscriberId: string, options?: CallOptions): Promise<Result<Model.Subscriber>>;
  /**
   * Changes the password and ends all sessions of the subscriber.
   *
   * @param subscriberId as `create` returned it
   * @param password 8 to 128 characters; the server makes one if it is undefined
   * @param options signal, request id
   * @returns the password, which is told here and never again
   * @throws ProvisioningError `notFound`
   */
  setPassword(subscriberId: string, password?: string, options?: CallOptions): Promise<Result<Model.NewPassword>>;
}

/** What is charged. */
export interface UsageApi {
  /**
   * The highest total of each product in a month, by which it is charged.
   *
   * @param month `YYYY-MM`, in UTC
   * @param options signal, request id
   */
  get(month: string, options?: CallOptions): Promise<Result<Model.Usage>>;
}

/**
 * Makes a client. Nothing is sent before its first function is called; then it fetches a token, which all calls share and which is
 * renewed five minutes before its end.
 *
 * A read (`list`, `get`) is tried again, after 1, 2, 4 … 30 s or what the server asks for, when the quota is used up, the server
 * fails (500, 502, 503, 504) or the connection breaks. Nothing else is, save once after a 401.
 *
 * @param config where the gateway is, and the credentials
 * @throws TypeError if a member of the configuration can never be right
 * @throws ProvisioningError of the kind `browser` in a web page
 *
 * @example
 * import { createProvisioningClient } from 'kandy-wasm/provisioning';
 *
 * const client = createProvisioningClient({
 *   baseUrl: 'https://gw.example',
 *   clientId: process.env.KANDY_CLIENT_ID ?? '',
 *   clientSecret: process.env.KANDY_CLIENT_SECRET ?? '',
 * });
 * const { products, meta } = await client.inventory.get();
 * console.log(products[0]?.available, 'pieces,', meta.quota?.used, 'calls');
 */
export function createProvisioningClient(config: ProvisioningConfig): ProvisioningClient {
  // The settings, with the secret, are in the closures of these functions alone: nothing that prints the client can reach them.
  const call = createCall(settingsOf(config));
  return { order: orders(call), inventory: inventory(call), subscriber: subscribers(call), usage: usage(call) };
}

export { PRODUCT } from './provisioning/model.js';
export { ProvisioningError } from './provisioning/error.js';
export type { CallOptions, CreateOptions, Result } from './provisioning/call.js';
export type { OrderFilter, PageFilter, SubscriberFilter, SubscriberKey } from './provisioning/check.js';
export type { Clock } from './provisioning/clock.js';
export type { ProvisioningConfig } from './provisioning/config.js';
export type { ProvisioningErrorDetails, ProvisioningErrorKind } from './provisioning/error.js';
export type { Meta, Quota } from './provisioning/meta.js';
export type {
  Billing,
  Connection,
  Deletion,
  Inventory,
  NewPassword,
  NewSubscriber,
  Order,
  OrderPage,
  OrderStatus,
  OrderType,
  OrderWish,
  Page,
  Peak,
  ProductInventory,
  Subscriber,
  SubscriberPage,
  SubscriberState,
  SubscriberType,
  SubscriberWish,
  Usage,
} from './provisioning/model.js';

const { paths, query } = model;

// Checks throw inside of `async`, so that a function which returns a promise never throws by itself.

function orders(call: Call): OrderApi {
  return {
    create: async (wish, options) =>
      call({ name: 'order.create', method: 'POST', path: paths.orders, body: model.orderBody(check.orderWish(wish)), read: model.order }, options),
    list: async (filter = {}, options) =>
      call({ name: 'order.list', method: 'GET', path: `${paths.orders}${query(check.orderFilter(filter))}`, read: model.orderPage }, options),
    get: async (orderNumber, options) =>
      call({ name: 'order.get', method: 'GET', path: paths.order(check.orderNumber(orderNumber)), read: model.order }, options),
  };
}

function inventory(call: Call): InventoryApi {
  return {
    get: async (options) => call({ name: 'inventory.get', method: 'GET', path: paths.inventory, read: model.inventory }, options),
  };
}

function subscribers(call: Call): SubscriberApi {
  return {
    create: async (wish = {}, options) => {
      const body = model.subscriberBody(check.subscriberWish(wish));
      return call({ name: 'subscriber.create', method: 'POST', path: paths.subscribers, body, secrets: secret(wish.password), read: model.newSubscriber }, options);
    },
    delete: async (subscriber, options) => {
      const who = check.subscriberKey(subscriber);
      const path = 'subscriberId' in who ? paths.subscriber(who.subscriberId) : `${paths.subscribers}${query(who)}`;
      return call({ name: 'subscriber.delete', method: 'DELETE', path, read: model.deletion }, options);
    },
    list: async (filter = {}, options) =>
      call({ name: 'subscriber.list', method: 'GET', path: `${paths.subscribers}${query(check.subscriberFilter(filter))}`, read: model.subscriberPage }, options),
    get: async (subscriberId, options) =>
      call({ name: 'subscriber.get', method: 'GET', path: paths.subscriber(check.subscriberId(subscriberId)), read: model.subscriber }, options),
    setPassword: async (subscriberId, password, options) => {
      const path = paths.password(check.subscriberId(subscriberId));
      const body = model.passwordBody(password === undefined ? undefined : check.password(password));
      return call({ name: 'subscriber.setPassword', method: 'PUT', path, body, secrets: secret(password), read: model.newPassword }, options);
    },
  };
}

function usage(call: Call): UsageApi {
  return {
    get: async (month, options) => call({ name: 'usage.get', method: 'GET', path: `${paths.usage}${query({ month: check.month(month) })}`, read: model.usage }, options),
  };
}

function secret(password: string | undefined): string[] {
  return password === undefined ? [] : [password];
}
