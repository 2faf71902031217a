package io.daxtier.resp;

/**
 * The data plane at one moment.
 *
 * @param connections open now
 * @param accepted since the start
 * @param rejected since the start: too many, or not from loopback without a password
 * @param commands handled since the start
 * @param bytesIn received since the start, all bytes of the protocol
 * @param bytesOut sent since the start
 * @param waitingStores connections that wait for a store worker
 * @param waitingLookups connections that wait for a lookup worker
 * @param waitingLoads connections that wait for a load worker
 */
public record RespSnapshot(
    long connections,
    long accepted,
    long rejected,
    long commands,
    long bytesIn,
    long bytesOut,
    int waitingStores,
    int waitingLookups,
    int waitingLoads) {}
