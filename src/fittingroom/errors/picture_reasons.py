"""Causes that lie with pictures and the action's own values: fetching, decoding, review, mark, result.

`{parameter}` is ModelUrl, ClothesUrl or LogoParam.LogoUrl. Invariant: as of all reasons, see `reasons`.
"""

from __future__ import annotations

from typing import Final

from fittingroom.errors.reason import Reason

PICTURE_REASONS: Final[dict[str, Reason]] = {
    # --- pictures: `parameter` is ModelUrl, ClothesUrl or LogoParam.LogoUrl ---------------------------------
    "no_person": Reason(
        "InvalidParameterValue.ParameterValueError",
        "No person was found in the image of `{parameter}`. Use a frontal photo that shows one person's body.",
        "参数 `{parameter}` 的图片中未检测到人物，请使用包含单人正面身体的照片。",
    ),
    "no_garment": Reason(
        "InvalidParameterValue.ParameterValueError",
        "No garment of type {clothes_type} was found in the image of `{parameter}`. "
        "Use a front view of one flat garment and the matching ClothesType.",
        "参数 `{parameter}` 的图片中未检测到类型为 {clothes_type} 的服装，"
        "请使用单件服装的正面平铺图并选择对应的 ClothesType。",
    ),
    "garments_conflict": Reason(
        "InvalidParameterValue.StyleConflict",
        "These styles exclude each other: `{first}` ({one}) and `{second}` ({other}) cannot be worn together. Send at "
        "most one garment of each type and no dress with a top or lower garment; what is worn over a top or a dress "
        "is `Outer`.",
        "所选风格互斥，不能同时使用：`{first}`（{one}）与 `{second}`（{other}）不能同时穿着。每种类型最多一件，"
        "连衣裙不能与上装或下装同时传入；穿在外层的服装请使用 `Outer`。",
    ),
    "type_needed": Reason(
        "InvalidParameterValue.ParameterValueError",
        "The engine of this server cannot tell what kind of garment an image shows. Set `{parameter}` to Upper-body, "
        "Lower-body, Dress or Outer.",
        "本服务的引擎无法自动识别服装类型，请将 `{parameter}` 设为 Upper-body、Lower-body、Dress 或 Outer。",
    ),
    "garments_number": Reason(
        "InvalidParameterValue.ParameterValueError",
        "`Garments` holds {count} garments: send 1 to {limit}.",
        "参数 `Garments` 包含 {count} 件服装，数量必须为 1 到 {limit}。",
    ),
    "number_range": Reason(
        "InvalidParameterValue.ParameterValueError",
        "The value `{value}` specified in the parameter `{parameter}` is not valid: it must be from {least} to {most}.",
        "参数 `{parameter}` 的取值 `{value}` 不合法，取值范围为 {least} 到 {most}。",
    ),
    "doubtful_result": Reason(
        "FailedOperation.GenerateImageFailed",
        "The generated image failed the review: it would not look right. {advice}",
        "生成的图片未通过审核：效果不佳。请使用手臂不遮挡身体的单人正面照片，以及单件服装的正面平铺图。"
        "引擎提示：{advice}",
    ),
    # --- review (moderation/) ---------------------------------------------------------------------------------------
    "image_refused": Reason(
        "OperationDenied.ImageIllegalDetected",
        "The image of `{parameter}` failed the review because it may contain illegal information. "
        "Use another image: one that shows ordinary clothes, and no nudity.",
        "参数 `{parameter}` 的图片未通过审核：可能包含违规信息。请更换为不含裸露内容的日常服装图片。",
    ),
    "result_refused": Reason(
        "FailedOperation.GenerateImageFailed",
        "The generated image failed the review: it may contain illegal information. Use other photos of the person or "
        "the garment.",
        "生成的图片未通过审核：可能包含违规信息，请更换人物或服装图片。",
    ),
    "review_unavailable": Reason(
        "FailedOperation.RpcFail",
        "RPC request failed: the image of `{parameter}` could not be reviewed, because this server's review service "
        "does not work. Nothing is wrong with the image; please try again later.",
        "RPC 请求失败：审核服务异常，参数 `{parameter}` 的图片未能完成审核。图片本身没有问题，请稍后重试。",
    ),
    "result_review_unavailable": Reason(
        "FailedOperation.RpcFail",
        "RPC request failed: the generated image could not be reviewed, because this server's review service does not "
        "work, and is therefore not delivered. Please try again later.",
        "RPC 请求失败：审核服务异常，生成的图片未能完成审核，因此未返回。请稍后重试。",
    ),
    # --- fetching (images/url.py, images/fetch.py); {parameter} is ModelUrl, ClothesUrl or LogoParam.LogoUrl -------
    "url_scheme": Reason(
        "InvalidParameterValue.UrlIllegal",
        "The URL format of `{parameter}` is invalid: it must begin with http:// or https://.",
        "参数 `{parameter}` 的 URL 格式不合法：必须以 http:// 或 https:// 开头。",
    ),
    "url_host": Reason(
        "InvalidParameterValue.UrlIllegal",
        "The URL format of `{parameter}` is invalid: it has no valid host. Use a domain name, four decimal numbers "
        "(IPv4) or an address in square brackets (IPv6).",
        "参数 `{parameter}` 的 URL 格式不合法：主机名无效。请使用域名、点分十进制 IPv4 地址或方括号内的 IPv6 地址。",
    ),
    "url_port": Reason(
        "InvalidParameterValue.UrlIllegal",
        "The URL format of `{parameter}` is invalid: its port is not a number from 1 to 65535, or belongs to a service "
        "other than HTTP.",
        "参数 `{parameter}` 的 URL 格式不合法：端口不是 1 到 65535 之间的数字，或属于非 HTTP 服务。",
    ),
    "url_userinfo": Reason(
        "InvalidParameterValue.UrlIllegal",
        "The URL format of `{parameter}` is invalid: it must not contain a user name or password. Use a signed URL.",
        "参数 `{parameter}` 的 URL 格式不合法：不能包含用户名或密码，请使用带签名的 URL。",
    ),
    "url_characters": Reason(
        "InvalidParameterValue.UrlIllegal",
        "The URL format of `{parameter}` is invalid: it contains spaces, backslashes or control characters. "
        "Percent-encode them.",
        "参数 `{parameter}` 的 URL 格式不合法：包含空格、反斜杠或控制字符，请进行百分号编码。",
    ),
    "download_forbidden": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the URL of `{parameter}` leads to an address that this server may not fetch from. "
        "Use a public URL, or ask the operator to allow that network.",
        "图片下载错误：参数 `{parameter}` 的 URL 指向本服务不允许访问的地址，请使用公网 URL，或联系管理员放行该网段。",
    ),
    "download_failed": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the URL of `{parameter}` could not be read. "
        "Check that it opens without cookies or a login.",
        "图片下载错误：无法读取参数 `{parameter}` 的 URL，请确认无需登录即可访问。",
    ),
    "download_unresolved": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the host name in the URL of `{parameter}` is not known. Check its spelling.",
        "图片下载错误：参数 `{parameter}` 的 URL 中的域名无法解析，请检查拼写。",
    ),
    "download_certificate": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the https certificate of the host in `{parameter}` could not be verified.",
        "图片下载错误：参数 `{parameter}` 所在主机的 https 证书验证失败。",
    ),
    "download_status": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the URL of `{parameter}` was answered with HTTP status {status}. "
        "Check that it exists and has not expired.",
        "图片下载错误：参数 `{parameter}` 的 URL 返回 HTTP 状态码 {status}，请确认其存在且未过期。",
    ),
    "download_redirects": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the URL of `{parameter}` redirects more than {limit} times. Use the final URL.",
        "图片下载错误：参数 `{parameter}` 的 URL 重定向超过 {limit} 次，请使用最终 URL。",
    ),
    "download_redirect_illegal": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the URL of `{parameter}` redirects to a URL that is not accepted. Use the final URL.",
        "图片下载错误：参数 `{parameter}` 的 URL 重定向到不被接受的地址，请使用最终 URL。",
    ),
    "download_timeout": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the image of `{parameter}` did not arrive within {seconds} seconds. "
        "Use a faster host or a smaller file.",
        "图片下载错误：参数 `{parameter}` 的图片未能在 {seconds} 秒内下载完成，请使用更快的服务器或更小的文件。",
    ),
    "download_encoded": Reason(
        "FailedOperation.ImageDownloadError",
        "Image download error: the host of `{parameter}` sent the image compressed although it was asked not to. "
        "Serve the file without Content-Encoding.",
        "图片下载错误：参数 `{parameter}` 所在主机返回了压缩传输的内容，请不使用 Content-Encoding 提供文件。",
    ),
    "image_size_exceed": Reason(
        "FailedOperation.ImageSizeExceed",
        "The image of `{parameter}` is too large: its size after base64 encoding must be less than {limit}.",
        "参数 `{parameter}` 的图片过大：base64 编码后的大小必须小于 {limit}。",
    ),
    "image_empty": Reason(
        "InvalidParameterValue.ImageEmpty",
        "No image is input: `{parameter}` has no content.",
        "没有输入图片：参数 `{parameter}` 的内容为空。",
    ),
    # --- decoding (images/decode.py) ---------------------------------------------------------------------------------
    "image_decode_failed": Reason(
        "FailedOperation.ImageDecodeFailed",
        "Image decoding failed: the image of `{parameter}` is damaged or not one of {formats}.",
        "图片解码失败：参数 `{parameter}` 的图片已损坏，或不属于以下格式：{formats}。",
    ),
    "image_too_wide": Reason(
        "FailedOperation.ImageResolutionExceed",
        "The resolution of the image of `{parameter}` is too high: it is {width}x{height}, "
        "and each side must be less than {limit} px.",
        "参数 `{parameter}` 的图片分辨率过高：当前为 {width}x{height}，单边必须小于 {limit} 像素。",
    ),
    "image_too_narrow": Reason(
        "InvalidParameterValue.ParameterValueError",
        "The resolution of the image of `{parameter}` is too low: it is {width}x{height}, "
        "and each side must be greater than {limit} px.",
        "参数 `{parameter}` 的图片分辨率过低：当前为 {width}x{height}，单边必须大于 {limit} 像素。",
    ),
    # --- the caller's mark (images/logo.py) --------------------------------------------------------------------------
    "logo_rect_size": Reason(
        "InvalidParameterValue.ParameterValueError",
        "`LogoParam.LogoRect.{side}` is {value}: it must be from 1 to {limit}.",
        "参数 `LogoParam.LogoRect.{side}` 的值为 {value}：取值范围为 1 到 {limit}。",
    ),
    "logo_rect_outside": Reason(
        "InvalidParameterValue.ParameterValueError",
        "`LogoParam.LogoRect` lies wholly outside the result, which is {width}x{height} px. Move it inside.",
        "参数 `LogoParam.LogoRect` 完全位于结果图之外（结果图为 {width}x{height} 像素），请移到图内。",
    ),
    # --- results by URL (results) ---------------------------------------------------------------------------
    "results_full": Reason(
        "ResourceInsufficient",
        "The server has no room for another result by URL. Set `RspImgType` to `base64`, or try again later.",
        "服务器暂无空间保存结果图，请将 `RspImgType` 设为 `base64`，或稍后重试。",
    ),
    "results_unreachable": Reason(
        "ServiceUnavailable",
        "Service is unavailable now: the store of results by URL cannot be reached. Set `RspImgType` to `base64`, or "
        "try again later.",
        "服务暂不可用：无法连接结果图的存储服务，请将 `RspImgType` 设为 `base64`，或稍后重试。",
    ),
    # --- action ChangeClothes ----------------------------------------------------------------------------------
    "choice_value": Reason(
        "InvalidParameterValue.ParameterValueError",
        "The value `{value}` specified in the parameter `{parameter}` is not valid. Use one of {choices}.",
        "参数 `{parameter}` 的取值 `{value}` 不合法，可选值为 {choices}。",
    ),
    "logo_base64": Reason(
        "InvalidParameterValue.ParameterValueError",
        "The value of the parameter `LogoParam.LogoImage` is not valid Base64. Send the picture's bytes in Base64, "
        "without a `data:` prefix.",
        "参数 `LogoParam.LogoImage` 不是合法的 Base64 字符串，请传入图片的 Base64 编码，不带 `data:` 前缀。",
    ),
    "logo_missing": Reason(
        "InvalidParameter.InvalidParameter",
        "`LogoParam` names no picture. Set `LogoParam.LogoUrl` or `LogoParam.LogoImage`, or leave `LogoParam` out.",
        "`LogoParam` 未指定图片，请设置 `LogoParam.LogoUrl` 或 `LogoParam.LogoImage`，或不传 `LogoParam`。",
    ),
    "url_too_long": Reason(
        "InvalidParameterValue.UrlIllegal",
        "The URL in the parameter `{parameter}` is longer than {limit} characters.",
        "参数 `{parameter}` 的 URL 长度超过 {limit} 个字符。",
    ),
    "response_too_large": Reason(
        "FailedOperation.RequestEntityTooLarge",
        "The generated image is {size} bytes in Base64, more than the {limit} bytes that an answer may hold. "
        "Set `RspImgType` to `url`.",
        "生成图片的 Base64 编码为 {size} 字节，超过返回上限 {limit} 字节，请将 `RspImgType` 设为 `url`。",
    ),
}
