import Foundation
import PackagePlugin

/// Has the descriptions in `Protocol/` become a part of the program, so that each node serves those of its own version.
@main
struct BundleProtocol: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let folder = context.package.directoryURL.appending(path: "Protocol")
        let inputs = try [folder, folder.appending(path: "schemas")].flatMap { folder in
            try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
                .filter { $0.pathExtension == "yaml" }
        }
        let output = context.pluginWorkDirectoryURL.appending(path: "BundledDocuments.swift")
        return [
            .buildCommand(
                displayName: "Bundling Protocol/",
                executable: try context.tool(named: "ProtocolBundler").url,
                arguments: [folder.path, output.path],
                inputFiles: inputs,
                outputFiles: [output]
            )
        ]
    }
}
