/// The two commands of a subscription connection; Redis names its confirmations the same, in lower case.
enum SubscriptionKind: Equatable {
    case subscribe
    case unsubscribe

    var command: RedisArgument {
        switch self {
        case .subscribe: "SUBSCRIBE"
        case .unsubscribe: "UNSUBSCRIBE"
        }
    }
}
