/// Who owns the connections that follow each other: called by ``RESPHandler``, and on its event loop only.
protocol RESPHandlerOwner: AnyObject {
    /// A connection is being made with this handler.
    func attached(_ handler: RESPHandler)
    /// Its handshake is over: it takes commands.
    func ready(_ handler: RESPHandler)
    /// Redis has sent a whole value.
    func received(_ value: RESPValue)
    /// What ``RESPHandler/send(_:)`` had taken has left for the socket.
    func flushed(_ byteCount: Int, by handler: RESPHandler)
    /// The handler's connection is closed, or closing: nothing more comes from it. Called once for each attached handler.
    func closed(_ error: RedisError, by handler: RESPHandler)
    /// The service ends: finish what is under way, close, and take no other connection.
    func shutDown()
}
